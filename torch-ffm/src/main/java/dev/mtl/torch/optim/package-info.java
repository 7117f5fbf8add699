/** The optimizer, and operations on all gradients of a model at once. */
@NullMarked
package dev.mtl.torch.optim;

import org.jspecify.annotations.NullMarked;
