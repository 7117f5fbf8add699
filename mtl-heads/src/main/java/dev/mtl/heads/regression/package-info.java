/** Numbers for a whole text. */
@NullMarked
package dev.mtl.heads.regression;

import org.jspecify.annotations.NullMarked;
