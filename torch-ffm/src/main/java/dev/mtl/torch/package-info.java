/** LibTorch for Java: tensors with explicit ownership, typed operators, autograd. */
@NullMarked
package dev.mtl.torch;

import org.jspecify.annotations.NullMarked;
