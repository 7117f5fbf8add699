package dev.mtl.train.data;

import java.util.List;

/**
 * Examples with targets for one or several tasks. Tasks that read the same file share a dataset:
 * one forward pass serves all of them.
 *
 * @param source where the texts come from, for messages
 * @param tasks in the order of the configuration
 */
public record Dataset(String source, List<String> tasks, List<Example> examples) {
    public Dataset {
        tasks = List.copyOf(tasks);
        examples = List.copyOf(examples);
    }
}
