/** How a run trains: the section {@code training} of a configuration. */
@NullMarked
package dev.mtl.train.config.training;

import org.jspecify.annotations.NullMarked;
