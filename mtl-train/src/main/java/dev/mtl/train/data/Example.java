package dev.mtl.train.data;

import dev.mtl.core.head.Target;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One text, or several that belong together, with what tasks should say of it.
 *
 * @param id its row in its file, from 1: of records, not of lines
 * @param place its file and line, for messages
 * @param texts the words of each
 * @param targets by task
 */
public record Example(int id, String place, List<List<String>> texts, Map<String, Target> targets) {
    public Example {
        texts = texts.stream().map(List::copyOf).toList();
        targets = Map.copyOf(targets);
    }

    /** One that comes from no file. */
    public Example(int id, List<List<String>> texts, Map<String, Target> targets) {
        this(id, "example:" + id, texts, targets);
    }

    /** The places of some: {@code a.csv:2, 5, 9}. */
    public static String places(List<Example> examples) {
        var linesByFile = new LinkedHashMap<String, List<String>>();
        for (var example : examples) {
            int line = example.place().lastIndexOf(':') + 1;
            linesByFile
                    .computeIfAbsent(example.place().substring(0, line), f -> new ArrayList<>())
                    .add(example.place().substring(line));
        }
        var places = new ArrayList<String>();
        linesByFile.forEach((file, lines) -> places.add(file + String.join(", ", lines)));
        return String.join(", ", places);
    }

    /** The words of the first text, mostly the only one. */
    public List<String> words() {
        return texts.getFirst();
    }
}
