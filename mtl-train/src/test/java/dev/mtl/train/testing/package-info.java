/** What this module's tests share. */
@NullMarked
package dev.mtl.train.testing;

import org.jspecify.annotations.NullMarked;
