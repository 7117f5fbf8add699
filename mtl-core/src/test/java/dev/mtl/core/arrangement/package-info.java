/** A family of encoders that exists only in tests, composed of the parts of main code. */
@NullMarked
package dev.mtl.core.arrangement;

import org.jspecify.annotations.NullMarked;
