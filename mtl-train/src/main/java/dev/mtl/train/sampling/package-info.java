/** Which examples make which step: lengths and seeds to micro-batches. */
@NullMarked
package dev.mtl.train.sampling;

import org.jspecify.annotations.NullMarked;
