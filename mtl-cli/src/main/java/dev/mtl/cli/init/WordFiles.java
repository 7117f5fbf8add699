package dev.mtl.cli.init;

import dev.mtl.train.tags.TagScheme;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Files of one word per line, and folders of words and tags. */
final class WordFiles {
    private WordFiles() {}

    /** A folder in the JointBERT layout. */
    static List<Draft.Task> jointBert(Path folder) {
        var tasks = new ArrayList<Draft.Task>();
        if (Files.exists(folder.resolve("label"))) {
            tasks.add(
                    new Draft.Task(
                            "intent",
                            "classification",
                            List.of("format: jointbert", "column: label"),
                            "one label a sentence"));
        }
        if (Files.exists(folder.resolve("seq.out"))) {
            tasks.add(
                    new Draft.Task(
                            "slots",
                            "token-classification",
                            List.of("format: jointbert", "column: seq.out"),
                            "one tag a word"));
        }
        return tasks;
    }

    /** Whether all lines have the same few columns, with blank lines between sentences. */
    static boolean isConll(List<String> lines) {
        var words = words(lines);
        boolean blank = lines.stream().anyMatch(String::isBlank);
        int columns = words.isEmpty() ? 0 : columns(words).size();
        return blank
                && columns >= 2
                && columns <= 12
                && words.stream().filter(line -> columns(line).length == columns).count()
                        >= 0.95 * words.size();
    }

    static Draft.Task conll(List<String> lines) {
        var words = words(lines);
        int last = columns(words).size() - 1;
        boolean tabs = words.stream().allMatch(line -> line.contains("\t"));
        var keys = new ArrayList<>(List.of("format: conll", "column: " + last));
        if (tabs) {
            keys.add("separator: tab             # a word may be empty, or have spaces");
        }
        var tags = words.stream().map(WordFiles::columns).map(columns -> columns[last]).toList();
        return TagScheme.of(List.of(tags)) == TagScheme.NONE
                ? new Draft.Task("tags", "tagging", keys, "one tag a word")
                : new Draft.Task("entities", "token-classification", keys, "one tag a word");
    }

    private static List<String> words(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.isBlank() && !line.startsWith("-DOCSTART-"))
                .toList();
    }

    private static List<String> columns(List<String> words) {
        return Arrays.asList(columns(words.getFirst()));
    }

    private static String[] columns(String line) {
        return line.split(line.contains("\t") ? "\t" : "[ \t]+");
    }
}
