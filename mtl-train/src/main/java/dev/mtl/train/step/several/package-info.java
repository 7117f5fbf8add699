/** A step divided among processes. */
@NullMarked
package dev.mtl.train.step.several;

import org.jspecify.annotations.NullMarked;
