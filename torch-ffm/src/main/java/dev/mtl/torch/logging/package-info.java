/** Loggers of MTL's modules. */
@NullMarked
package dev.mtl.torch.logging;

import org.jspecify.annotations.NullMarked;
