package dev.mtl.train.config;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

/**
 * The shared encoder.
 *
 * @param backbone a name of the model store, a directory, {@code hf:...} or {@code maven:...}
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included
 */
public record ModelConfig(
        String backbone, Pooling pooling, Normalization normalization, int maxLength) {
    static final ModelConfig DEFAULTS =
            new ModelConfig("all-MiniLM-L6-v2", Pooling.MEAN, Normalization.NONE, 128);

    public ModelConfig {
        Checks.atLeast("max_length", maxLength, 3);
    }
}
