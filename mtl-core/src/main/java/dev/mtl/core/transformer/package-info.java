/**
 * The parts of a transformer encoder (embeddings, self-attention, feed-forward blocks, norms) and
 * the one loop that runs them. A model family is an arrangement of these parts; how each part is
 * computed is chosen by {@link dev.mtl.core.transformer.Kernels}.
 */
@NullMarked
package dev.mtl.core.transformer;

import org.jspecify.annotations.NullMarked;
