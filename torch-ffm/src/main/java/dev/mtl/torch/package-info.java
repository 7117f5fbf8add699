/** LibTorch from Java: tensors with owners, typed operators, autograd. */
@NullMarked
package dev.mtl.torch;

import org.jspecify.annotations.NullMarked;
