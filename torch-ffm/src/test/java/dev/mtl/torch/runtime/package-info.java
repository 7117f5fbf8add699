/** Tests with the LibTorch of this machine: Maven's, or the one in LIBTORCH_HOME. */
@NullMarked
package dev.mtl.torch.runtime;

import org.jspecify.annotations.NullMarked;
