package dev.mtl.train.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Examples with targets for one or several tasks, which share their texts: one forward pass serves
 * all of them.
 *
 * @param source where the examples come from, for messages; empty to be called by its use, such as
 *     {@code train}
 * @param tasks that the examples have targets for
 * @param examples with the same number of texts each
 */
public record Dataset(String source, List<String> tasks, List<Example> examples)
        implements Iterable<Example> {
    public Dataset {
        tasks = List.copyOf(tasks);
        examples = List.copyOf(examples);
    }

    /**
     * Examples in memory.
     *
     * @param examples iterated once, now
     */
    public static Dataset of(Iterable<Example> examples) {
        return of("", examples);
    }

    /**
     * Examples in memory, with a name.
     *
     * @param source what messages call them
     * @param examples iterated once, now
     */
    public static Dataset of(String source, Iterable<Example> examples) {
        var all = new ArrayList<Example>();
        examples.forEach(all::add);
        var tasks =
                all.stream()
                        .flatMap(example -> example.targets().keySet().stream())
                        .distinct()
                        .sorted()
                        .toList();
        return new Dataset(source, tasks, all);
    }

    @Override
    public Iterator<Example> iterator() {
        return examples.iterator();
    }
}
