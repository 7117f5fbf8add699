/** One optimizer step: from micro-batches to summed gradients. */
@NullMarked
package dev.mtl.train.step;

import org.jspecify.annotations.NullMarked;
