package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Fingerprint of configuration and data; {@code --resume} refuses a checkpoint of another run.
 *
 * @param config every line of the configuration, except keys that do not change the result
 * @param data a checksum of all training examples
 * @param validation a checksum of all validation examples; empty in checkpoints of versions that
 *     did not write it
 */
public record RunIdentity(List<String> config, String data, String validation) {
    /** Keys that a resumed run may change. */
    private static final List<String> FREE =
            List.of(
                    "dir:",
                    "keep:",
                    "workers:",
                    "shard_optimizer:",
                    "device:",
                    "checkpoint_every:",
                    "keep_checkpoints:",
                    "on_non_finite:",
                    "early_stopping_patience:");

    /** Keys that a resumed run may change as long as what is done stays done. */
    private static final List<String> LENGTH = List.of("epochs:", "max_steps:");

    /**
     * Earlier versions wrote the keys of all data formats, with null for those of others. Keys that
     * are newer count only where they are not at their defaults.
     */
    private static final Pattern NOTHING =
            Pattern.compile(
                    "(gradient_cache|queries|corpus|relevant|average_checkpoints|false_negative_margin|guide|matryoshka|text_columns?|separator|columns|comment|label_separator|kind|truncate_dim|prompt|init_from|seeds|header|names|markup):"
                        + " (null|\\[\\])|quoting: \"rfc4180\"|extra_fields: \"fail\"|span_end:"
                        + " \"exclusive\"|offsets: \"utf16\"|test_split: 0.0|on_unknown_label:"
                        + " wrong|streaming: false|buffer_size: 10000|adapter:|type: none|rank:"
                        + " 8|alpha: 16.0|targets: \\[\"query\", \"value\"\\]|per_task:"
                        + " false|merge: null|dropout: 0.0|gradnorm_alpha: 1.5|cagrad_c:"
                        + " 0.5|balance_lr: 0.025|famo_weight_decay: 0.001|focal_gamma:"
                        + " 0.0|weight_average: 0.0|r_drop: 0.0|retrieval:|k:"
                        + " \\[\"10\"\\]|symmetric: false|skip_duplicates:"
                        + " false|exchange_precision: fp32");

    public RunIdentity {
        config = config.stream().filter(RunIdentity::counts).toList();
    }

    private static boolean counts(String line) {
        return FREE.stream().noneMatch(line.strip()::startsWith)
                && !NOTHING.matcher(line.strip()).matches();
    }

    /**
     * The identity of a run.
     *
     * @param printed the configuration as YAML, every key on a line
     */
    public static RunIdentity of(String printed, List<Dataset> training, List<Dataset> validation) {
        return of(printed, training, List.of(), validation);
    }

    /**
     * The identity of a run.
     *
     * @param printed the configuration as YAML, every key on a line
     * @param training data in memory
     * @param streams checksums of streamed training data
     */
    public static RunIdentity of(
            String printed,
            List<Dataset> training,
            List<String> streams,
            List<Dataset> validation) {
        return new RunIdentity(
                printed.lines().map(line -> line.replaceFirst("\\s+# .*$", "")).toList(),
                String.join(
                        "-", Stream.concat(inMemory(training, streams), streams.stream()).toList()),
                checksum(validation));
    }

    /** The checksum of data in memory, if there is such data, or no other. */
    private static Stream<String> inMemory(List<Dataset> training, List<String> streams) {
        return training.isEmpty() && !streams.isEmpty()
                ? Stream.empty()
                : Stream.of(checksum(training));
    }

    private static String checksum(List<Dataset> datasets) {
        var crc = new CRC32C();
        for (var dataset : datasets) {
            for (var example : dataset.examples()) {
                update(crc, example);
            }
        }
        return Long.toHexString(crc.getValue());
    }

    /** Adds an example to a checksum of training data. */
    public static void update(CRC32C crc, Example example) {
        // the targets by name: the iteration order of a map differs between processes
        var text = texts(example) + " " + new TreeMap<>(example.targets());
        crc.update(text.getBytes(StandardCharsets.UTF_8));
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
     * @param other the identity in the checkpoint
     * @param checkpoint its directory, for the message
     * @throws ConfigurationException that names the difference
     */
    void requireSame(RunIdentity other, String checkpoint) {
        var changed = without(config, other.config);
        var before = without(other.config, config);
        if (!changed.isEmpty() || !before.isEmpty()) {
            throw new ConfigurationException(
                    "cannot resume: "
                            + checkpoint
                            + " was written with another configuration: then "
                            + strip(before)
                            + ", now "
                            + strip(changed)
                            + ". "
                            + reason(before.isEmpty() ? config : other.config, before, changed)
                            + " Only training.epochs and training.max_steps may grow, and what"
                            + " changes no result may change; restore it, or train from the start"
                            + " without --resume");
        }
        if (!data.equals(other.data)) {
            throw changed("training", checkpoint);
        }
        if (!other.validation.isEmpty() && !validation.equals(other.validation)) {
            throw changed("validation", checkpoint);
        }
    }

    /** The lines that another configuration lacks, except those of the run's length. */
    private static List<String> without(List<String> lines, List<String> others) {
        var rest = new ArrayList<>(lines);
        rest.removeAll(others);
        rest.removeIf(line -> LENGTH.stream().anyMatch(line.strip()::startsWith));
        return rest;
    }

    /** Why a run cannot go on with other values of some keys. */
    private static String reason(List<String> all, List<String> before, List<String> changed) {
        var first = before.isEmpty() ? changed.getFirst() : before.getFirst();
        var section = "";
        for (var line : all.subList(0, Math.max(0, all.indexOf(first)))) {
            section = line.startsWith(" ") ? section : line.strip();
        }
        return switch (section) {
            case "training:" ->
                    "The optimizer's state, the schedule and the random streams of the steps that"
                            + " are done belong to these settings.";
            case "model:" -> "The weights of the checkpoint belong to that model.";
            default ->
                    "The heads of the checkpoint, and the order of its data, belong to those"
                            + " tasks.";
        };
    }

    /**
     * How long the run was meant to be.
     *
     * @param stepsPerEpoch of this run
     * @return empty if the configuration does not say so
     */
    OptionalInt steps(int stepsPerEpoch) {
        var steps = value("max_steps: ");
        return steps.isPresent()
                ? steps
                : value("epochs: ").stream().map(epochs -> epochs * stepsPerEpoch).findFirst();
    }

    private OptionalInt value(String key) {
        return config.stream()
                .map(String::strip)
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()))
                .filter(value -> value.matches("\\d{1,9}"))
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    private static ConfigurationException changed(String data, String checkpoint) {
        return new ConfigurationException(
                "cannot resume: the "
                        + data
                        + " data has changed since "
                        + checkpoint
                        + " was written; put it back, or train anew without --resume");
    }

    private static List<String> strip(List<String> lines) {
        return lines.stream().map(String::strip).toList();
    }
}
