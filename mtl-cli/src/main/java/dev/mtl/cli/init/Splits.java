package dev.mtl.cli.init;

import dev.mtl.core.ConfigurationException;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Which file is which split, by their names.
 *
 * @param validation null if there is none
 * @param test null if there is none
 */
record Splits(String train, @Nullable String validation, @Nullable String test) {
    private static final List<String> VALIDATION = List.of("dev", "val");
    private static final List<String> TEST = List.of("test");

    /**
     * Sorts files.
     *
     * @throws ConfigurationException if several would be the same split
     */
    static Splits of(List<String> files) {
        var train =
                files.stream().filter(file -> !is(file, TEST) && !is(file, VALIDATION)).toList();
        if (files.size() == 1) {
            return new Splits(files.getFirst(), null, null);
        }
        return new Splits(
                one("train", train),
                optional("validation", files.stream().filter(f -> is(f, VALIDATION)).toList()),
                optional("test", files.stream().filter(f -> is(f, TEST)).toList()));
    }

    /** The keys of a task's data. */
    List<String> keys() {
        var held = validation == null && test == null;
        return List.of(
                "train: " + Yaml.string(train),
                validation != null
                        ? "validation: " + Yaml.string(validation)
                        : "validation_split: 0.1      # a tenth of train, always the same rows",
                test != null
                        ? "test: " + Yaml.string(test)
                        : held ? "test_split: 0.1" : "test: null                 # none was given");
    }

    private static boolean is(String file, List<String> marks) {
        var name = String.valueOf(Path.of(file).getFileName()).toLowerCase(Locale.ROOT);
        return marks.stream().anyMatch(name::contains) && !name.contains("train");
    }

    private static String one(String split, List<String> files) {
        if (files.size() == 1) {
            return files.getFirst();
        }
        throw new ConfigurationException(
                (files.isEmpty() ? "none" : "several")
                        + " of the files "
                        + (files.isEmpty() ? "is" : "are")
                        + " the "
                        + split
                        + " split by their names"
                        + (files.isEmpty() ? "" : ", " + String.join(", ", files))
                        + "; name a file with train in its name, and others with dev or test; a"
                        + " pattern such as \"train-*.jsonl\" is one file");
    }

    private static @Nullable String optional(String split, List<String> files) {
        return files.isEmpty() ? null : one(split, files);
    }
}
