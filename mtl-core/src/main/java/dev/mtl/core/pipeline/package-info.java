/** Every answer of a trained model: the sentence embedding and each task's prediction. */
@NullMarked
package dev.mtl.core.pipeline;

import org.jspecify.annotations.NullMarked;
