/** Tags of words: their schemes, and entities given by character offsets. */
@NullMarked
package dev.mtl.train.tags;

import org.jspecify.annotations.NullMarked;
