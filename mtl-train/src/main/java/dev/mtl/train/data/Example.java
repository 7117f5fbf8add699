package dev.mtl.train.data;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One labelled example: a text, or several that belong together, with a target for each task.
 *
 * @param id the number of its record in the file, from 1
 * @param place its file and line, for messages
 * @param texts as the file has them, with their words
 * @param targets by task
 */
public record Example(
        int id, String place, List<PreTokenizedText> texts, Map<String, Target> targets) {
    public Example {
        texts = List.copyOf(texts);
        targets = Map.copyOf(targets);
    }

    /** An example that comes from no file. */
    public Example(int id, List<PreTokenizedText> texts, Map<String, Target> targets) {
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

    /** The words of the first text, in most data the only one. */
    public List<String> words() {
        return texts.getFirst().wordTexts();
    }

    /** The words of each text: texts that differ in white space only have the same. */
    List<List<String>> wordsOfTexts() {
        return texts.stream().map(PreTokenizedText::wordTexts).toList();
    }
}
