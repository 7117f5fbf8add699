/** Learning rates: schedules over steps, factors over layers. */
@NullMarked
package dev.mtl.train.optim;

import org.jspecify.annotations.NullMarked;
