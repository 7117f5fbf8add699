/**
 * Implementations of {@link dev.mtl.core.transformer.Kernels}: operators with an autograd graph,
 * fused CPU kernels, and fused CPU kernels on packed or 8-bit weights.
 */
@NullMarked
package dev.mtl.core.kernel;

import org.jspecify.annotations.NullMarked;
