package dev.mtl.train.settings;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import java.nio.file.Path;

/** The section {@code model}: the shared encoder. */
public final class ModelSettings extends Keys<ModelSettings> {
    /** No key is set. */
    public ModelSettings() {}

    /** A name of the model store, {@code hf:...} or {@code maven:...}. */
    public ModelSettings backbone(String backbone) {
        return set("backbone", backbone);
    }

    /** A directory in Hugging Face layout. */
    public ModelSettings backbone(Path directory) {
        return backbone(directory.toString());
    }

    /**
     * A trained model to go on from, instead of a backbone: tasks with the same name and head type
     * keep their heads.
     */
    public ModelSettings initFrom(Path directory) {
        return set("init_from", directory.toString());
    }

    /** How token embeddings become the sentence embedding. */
    public ModelSettings pooling(Pooling pooling) {
        return set("pooling", pooling);
    }

    /** What is done to the sentence embedding after pooling. */
    public ModelSettings normalization(Normalization normalization) {
        return set("normalization", normalization);
    }

    /** How many of the first dimensions of a sentence embedding heads read, instead of all. */
    public ModelSettings truncateDim(int truncateDim) {
        return set("truncate_dim", truncateDim);
    }

    /** The longest input in tokens, [CLS] and [SEP] included. */
    public ModelSettings maxLength(int maxLength) {
        return set("max_length", maxLength);
    }

    /** The name of one of the backbone's prompts, which is put before every text. */
    public ModelSettings prompt(String prompt) {
        return set("prompt", prompt);
    }
}
