/** The opened native libraries and their symbols. */
@NullMarked
package dev.mtl.torch.symbols;

import org.jspecify.annotations.NullMarked;
