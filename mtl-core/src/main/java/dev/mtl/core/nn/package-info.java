/** Building blocks of networks: named parameters, initializers and batches. */
@NullMarked
package dev.mtl.core.nn;

import org.jspecify.annotations.NullMarked;
