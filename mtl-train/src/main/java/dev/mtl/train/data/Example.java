package dev.mtl.train.data;

import dev.mtl.core.head.Target;

import java.util.List;
import java.util.Map;

/**
 * One text, or several that belong together, with what tasks should say of it.
 *
 * @param id its row in its file, from 1
 * @param texts the words of each
 * @param targets by task
 */
public record Example(int id, List<List<String>> texts, Map<String, Target> targets) {
    public Example {
        texts = texts.stream().map(List::copyOf).toList();
        targets = Map.copyOf(targets);
    }

    /** The words of the first text, mostly the only one. */
    public List<String> words() {
        return texts.getFirst();
    }
}
