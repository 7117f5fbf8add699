/** The exceptions of LibTorch calls. */
@NullMarked
package dev.mtl.torch.error;

import org.jspecify.annotations.NullMarked;
