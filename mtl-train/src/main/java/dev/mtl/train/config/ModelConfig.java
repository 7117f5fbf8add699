package dev.mtl.train.config;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import org.jspecify.annotations.Nullable;

/**
 * The shared encoder.
 *
 * @param backbone a name of the model store, a directory, {@code hf:...} or {@code maven:...}
 * @param truncateDim how many of the first dimensions of a sentence embedding heads read; null for
 *     all
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included
 * @param prompt the name of one of the backbone's prompts, which is put before every text; null for
 *     none
 */
public record ModelConfig(
        String backbone,
        Pooling pooling,
        Normalization normalization,
        @Nullable Integer truncateDim,
        int maxLength,
        @Nullable String prompt) {
    static final ModelConfig DEFAULTS =
            new ModelConfig("all-MiniLM-L6-v2", Pooling.MEAN, Normalization.NONE, null, 128, null);

    public ModelConfig {
        Checks.atLeast("max_length", maxLength, 3);
        Checks.atLeast("truncate_dim", truncateDim == null ? 1 : truncateDim, 1);
    }
}
