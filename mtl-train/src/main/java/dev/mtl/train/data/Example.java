package dev.mtl.train.data;

import dev.mtl.core.head.Target;

import java.util.List;
import java.util.Map;

/**
 * One text with what its tasks should say of it.
 *
 * @param id its row in its file, from 1
 * @param words of the text
 * @param targets by task
 */
public record Example(int id, List<String> words, Map<String, Target> targets) {
    public Example {
        words = List.copyOf(words);
        targets = Map.copyOf(targets);
    }
}
