package dev.mtl.core.head;

import java.util.List;

/**
 * What a head is made for.
 *
 * @param task the task's name, for messages
 * @param hiddenSize H, the width of embeddings
 * @param labels what {@link HeadProvider#learnLabels} gave
 */
public record HeadContext(String task, int hiddenSize, List<String> labels) {
    public HeadContext {
        labels = List.copyOf(labels);
    }
}
