/**
 * Tests for heads of any author. It needs mtl-core alone, no test framework: what does not hold is
 * an {@link AssertionError}.
 */
@NullMarked
package dev.mtl.core.head.testkit;

import org.jspecify.annotations.NullMarked;
