/** How alike two texts are. */
@NullMarked
package dev.mtl.heads.similarity;

import org.jspecify.annotations.NullMarked;
