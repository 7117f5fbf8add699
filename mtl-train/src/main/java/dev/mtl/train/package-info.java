/** Training: a configuration, its run, and how the run ended. */
@NullMarked
package dev.mtl.train;

import org.jspecify.annotations.NullMarked;
