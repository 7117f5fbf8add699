/** AdamW over groups of parameters, learning rates over steps and layers. */
@NullMarked
package dev.mtl.train.optim;

import org.jspecify.annotations.NullMarked;
