/** A run from the first step to the last: trainer, evaluation, best model, listeners. */
@NullMarked
package dev.mtl.train.run;

import org.jspecify.annotations.NullMarked;
