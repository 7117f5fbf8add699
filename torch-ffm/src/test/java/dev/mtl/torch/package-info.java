/** Tests on the LibTorch that is found: Maven's, or the one that LIBTORCH_HOME names. */
@NullMarked
package dev.mtl.torch;

import org.jspecify.annotations.NullMarked;
