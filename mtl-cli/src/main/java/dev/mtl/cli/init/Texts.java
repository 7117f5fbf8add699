package dev.mtl.cli.init;

import java.util.ArrayList;
import java.util.List;

/** Texts without anything to learn besides: the backbone can be adapted to them. */
final class Texts {
    private Texts() {}

    /** A text a line; none if the lines are hardly texts, or have columns. */
    static List<Draft.Task> plain(List<String> lines) {
        var column = new Column();
        lines.stream().filter(line -> !line.isBlank()).forEach(column::add);
        return lines.stream().anyMatch(line -> line.contains("\t")) || !column.isText()
                ? List.of()
                : List.of(
                        task(
                                List.of(
                                        "format: tsv                # a text a line",
                                        "columns: [text]",
                                        "quoting: none")));
    }

    /**
     * A task that learns from texts alone.
     *
     * @param keys of their file
     */
    static Draft.Task task(List<String> keys) {
        var all = new ArrayList<>(keys);
        all.add("kind: none");
        return new Draft.Task(
                "texts",
                "masked-language-model",
                all,
                "adapts the backbone: train on labels from its directory");
    }
}
