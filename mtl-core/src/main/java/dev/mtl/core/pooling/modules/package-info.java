/** Pooling and what follows it, as sentence-transformers' {@code modules.json} describes them. */
@NullMarked
package dev.mtl.core.pooling.modules;

import org.jspecify.annotations.NullMarked;
