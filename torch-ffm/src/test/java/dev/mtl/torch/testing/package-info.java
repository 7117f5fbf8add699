/** Fixtures for the tests of this module and of those above it. */
@NullMarked
package dev.mtl.torch.testing;

import org.jspecify.annotations.NullMarked;
