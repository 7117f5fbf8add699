/** Training: configuration, data, and the loop over them. */
@NullMarked
package dev.mtl.train;

import org.jspecify.annotations.NullMarked;
