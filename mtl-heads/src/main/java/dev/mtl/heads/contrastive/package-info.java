/** Texts that belong together among others that do not. */
@NullMarked
package dev.mtl.heads.contrastive;

import org.jspecify.annotations.NullMarked;
