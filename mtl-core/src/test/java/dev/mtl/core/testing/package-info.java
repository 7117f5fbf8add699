/** What tests of several modules share. */
@NullMarked
package dev.mtl.core.testing;

import org.jspecify.annotations.NullMarked;
