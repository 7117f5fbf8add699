/** One label for a whole text. */
@NullMarked
package dev.mtl.heads.classification;

import org.jspecify.annotations.NullMarked;
