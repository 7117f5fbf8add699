package dev.mtl.core.head;

import java.util.List;

/**
 * What a head is made for.
 *
 * @param task the task's name, for messages
 * @param hiddenSize H, the width of token embeddings
 * @param sentenceSize the width of sentence embeddings: H, unless the backbone has layers after
 *     pooling, or several poolings
 * @param labels what {@link HeadProvider#learnLabels} gave
 */
public record HeadContext(String task, int hiddenSize, int sentenceSize, List<String> labels) {
    public HeadContext {
        labels = List.copyOf(labels);
    }

    /** On a backbone whose sentence embeddings are as wide as its token embeddings. */
    public HeadContext(String task, int hiddenSize, List<String> labels) {
        this(task, hiddenSize, hiddenSize, labels);
    }
}
