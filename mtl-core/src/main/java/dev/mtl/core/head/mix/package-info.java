/** A head that reads a learned mix of the encoder's layers in the place of the last one. */
@NullMarked
package dev.mtl.core.head.mix;

import org.jspecify.annotations.NullMarked;
