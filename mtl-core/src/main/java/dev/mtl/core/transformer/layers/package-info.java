/**
 * What a model family computes with weights: linear layers, gated and plain, with their
 * activations, norms, and the projections to queries, keys and values. {@link
 * dev.mtl.core.transformer.Kernels} makes them.
 */
@NullMarked
package dev.mtl.core.transformer.layers;

import org.jspecify.annotations.NullMarked;
