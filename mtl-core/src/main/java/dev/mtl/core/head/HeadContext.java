package dev.mtl.core.head;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a head is made for.
 *
 * @param task the task's name, for messages
 * @param hiddenSize H, the width of token embeddings
 * @param sentenceSize the width of sentence embeddings: H, unless the backbone has layers after
 *     pooling, or several poolings
 * @param labels what {@link HeadProvider#learnLabels} gave
 * @param vocabulary of the backbone; null where only labels are checked
 */
public record HeadContext(
        String task,
        int hiddenSize,
        int sentenceSize,
        List<String> labels,
        @Nullable Vocabulary vocabulary) {
    /**
     * The tokens of a backbone.
     *
     * @param size V, the number of its tokens
     * @param embeddingSize E, the width of its word embeddings
     * @param layerNormEps of its layer normalization
     */
    public record Vocabulary(int size, int embeddingSize, double layerNormEps) {}

    public HeadContext {
        labels = List.copyOf(labels);
    }

    /** Of a head that does not predict tokens. */
    public HeadContext(String task, int hiddenSize, int sentenceSize, List<String> labels) {
        this(task, hiddenSize, sentenceSize, labels, null);
    }

    /** On a backbone whose sentence embeddings are as wide as its token embeddings. */
    public HeadContext(String task, int hiddenSize, List<String> labels) {
        this(task, hiddenSize, hiddenSize, labels);
    }
}
