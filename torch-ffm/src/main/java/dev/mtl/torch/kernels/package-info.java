/**
 * CPU kernels for inference that bypass the dispatcher, and 8-bit and oneDNN linear layers.
 * Exported to {@code mtl-core} only: their arguments must satisfy conditions that general code need
 * not know.
 */
@NullMarked
package dev.mtl.torch.kernels;

import org.jspecify.annotations.NullMarked;
