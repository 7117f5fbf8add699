package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What a run is, so that another one does not go on from its checkpoints.
 *
 * @param config the configuration in full, without what does not change the result
 * @param data a checksum of all training examples
 * @param validation a checksum of all examples that the best model is chosen by; empty in what was
 *     written before it was kept
 */
public record RunIdentity(List<String> config, String data, String validation) {
    /** Where a run writes, what it runs on, and when it gives up may differ. */
    private static final List<String> FREE =
            List.of(
                    "dir:",
                    "workers:",
                    "device:",
                    "checkpoint_every:",
                    "keep_checkpoints:",
                    "on_non_finite:",
                    "early_stopping_patience:");

    /** Earlier versions wrote the keys of all data formats, with null for those of others. */
    private static final Pattern KEY_OF_ANOTHER_FORMAT =
            Pattern.compile(
                    "(text_columns?|separator|columns|comment|label_separator|kind):"
                            + " (null|\\[\\])");

    public RunIdentity {
        config = config.stream().filter(RunIdentity::counts).toList();
    }

    private static boolean counts(String line) {
        return FREE.stream().noneMatch(line.strip()::startsWith)
                && !KEY_OF_ANOTHER_FORMAT.matcher(line.strip()).matches();
    }

    /**
     * Identifies a run.
     *
     * @param printed the configuration as YAML, every key on a line
     */
    public static RunIdentity of(String printed, List<Dataset> training, List<Dataset> validation) {
        return new RunIdentity(
                printed.lines().map(line -> line.replaceFirst("\\s+# .*$", "")).toList(),
                checksum(training),
                checksum(validation));
    }

    private static String checksum(List<Dataset> groups) {
        var crc = new CRC32C();
        for (var group : groups) {
            for (var example : group.examples()) {
                // the targets by name: the iteration order of a map differs between processes
                var text = texts(example) + " " + new TreeMap<>(example.targets());
                crc.update(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        return Long.toHexString(crc.getValue());
    }

    /** The words of each text, and the text itself where it is more than these words. */
    private static List<?> texts(Example example) {
        return example.texts().stream()
                .map(
                        text ->
                                text.text().equals(String.join(" ", text.wordTexts()))
                                        ? text.wordTexts()
                                        : List.of(text.wordTexts(), text.text()))
                .toList();
    }

    /**
     * Checks that a checkpoint is of this run.
     *
     * @param other the checkpoint's
     * @param checkpoint for the message
     * @throws ConfigurationException that says what differs
     */
    void requireSame(RunIdentity other, String checkpoint) {
        var changed = new ArrayList<>(config);
        changed.removeAll(other.config);
        var before = new ArrayList<>(other.config);
        before.removeAll(config);
        if (!changed.isEmpty() || !before.isEmpty()) {
            throw new ConfigurationException(
                    "--resume: "
                            + checkpoint
                            + " was written with another configuration: then "
                            + strip(before)
                            + ", now "
                            + strip(changed)
                            + "; put it back, or train anew without --resume");
        }
        if (!data.equals(other.data)) {
            throw changed("training", checkpoint);
        }
        if (!other.validation.isEmpty() && !validation.equals(other.validation)) {
            throw changed("validation", checkpoint);
        }
    }

    private static ConfigurationException changed(String data, String checkpoint) {
        return new ConfigurationException(
                "--resume: the "
                        + data
                        + " data has changed since "
                        + checkpoint
                        + " was written; put it back, or train anew without --resume");
    }

    private static List<String> strip(List<String> lines) {
        return lines.stream().map(String::strip).toList();
    }
}
