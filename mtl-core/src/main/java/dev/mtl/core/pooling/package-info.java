/** From token embeddings to sentence embeddings, and the files that describe how. */
@NullMarked
package dev.mtl.core.pooling;

import org.jspecify.annotations.NullMarked;
