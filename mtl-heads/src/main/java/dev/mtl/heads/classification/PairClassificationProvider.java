package dev.mtl.heads.classification;

import dev.mtl.core.head.HeadInput;

/**
 * The head type {@code pair-classification}: a label for two texts that are read together, such as
 * {@code [CLS] a [SEP] b [SEP]} (natural language inference, duplicates). Each token attends to
 * both texts, which is what sentence-transformers calls a cross-encoder.
 */
public final class PairClassificationProvider extends ClassificationProvider {
    @Override
    public String type() {
        return "pair-classification";
    }

    @Override
    HeadInput input() {
        return HeadInput.PAIR;
    }
}
