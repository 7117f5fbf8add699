/** What the processor has, and the tuning values that are chosen by it. For MTL's own modules. */
@NullMarked
package dev.mtl.torch.processor;

import org.jspecify.annotations.NullMarked;
