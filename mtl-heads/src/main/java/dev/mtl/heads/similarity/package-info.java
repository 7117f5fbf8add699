/** The similarity of two texts. */
@NullMarked
package dev.mtl.heads.similarity;

import org.jspecify.annotations.NullMarked;
