/** From token embeddings to sentence embeddings: pooling and normalization. */
@NullMarked
package dev.mtl.core.pooling;

import org.jspecify.annotations.NullMarked;
