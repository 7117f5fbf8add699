package dev.mtl.train.loading;

import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.train.data.Example;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;
import dev.mtl.train.tags.Abbreviated;

import org.slf4j.Logger;

import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reports the labels of a dataset that the training data does not have. */
final class UnknownLabels {
    private static final Logger LOG = Loggers.of(UnknownLabels.class);

    private final String source;
    private final SequencedMap<String, Counts> skipped = new TreeMap<>();
    private final SequencedMap<String, Counts> wrong = new TreeMap<>();
    private int rows;

    UnknownLabels(String source) {
        this.source = source;
    }

    /** The rows of a task, and their unknown labels. */
    private static final class Counts {
        private int rows;
        private final TreeSet<String> labels = new TreeSet<>();

        void add(UnknownLabelsException e) {
            rows++;
            labels.addAll(e.labels());
        }

        String named() {
            return Abbreviated.of(String.join(", ", labels));
        }
    }

    String source() {
        return source;
    }

    /** The message of a run that ends at an unknown label. */
    String failure(Example example, String task, UnknownLabelsException e, OnUnknownLabel wrong) {
        return message(example, task, e)
                + " (tasks.%s.on_unknown_label: ".formatted(task)
                + (wrong == OnUnknownLabel.WRONG ? "wrong counts such rows as wrong, " : "")
                + "skip leaves them out)";
    }

    private static String message(Example example, String task, UnknownLabelsException e) {
        return "%s: task '%s': the training data does not have %s"
                .formatted(example.place(), task, Abbreviated.of(String.join(", ", e.labels())));
    }

    /** A task leaves a row out. */
    void skip(Example example, String task, UnknownLabelsException e) {
        LOG.warn("skipped: {}", message(example, task, e));
        skipped.computeIfAbsent(task, t -> new Counts()).add(e);
    }

    /** No task uses the row that was skipped last. */
    void skipRow() {
        rows++;
    }

    /** A task counts a row as wrong. */
    void countAsWrong(Example example, String task, UnknownLabelsException e) {
        LOG.debug("counts as wrong: {}", message(example, task, e));
        wrong.computeIfAbsent(task, t -> new Counts()).add(e);
    }

    /**
     * Says how many rows there are, a line for each task.
     *
     * @param all rows of the dataset
     */
    void log(int all) {
        if (rows > 0) {
            LOG.warn(
                    "{}: {} of {} rows skipped: the training data does not have their labels",
                    source(),
                    rows,
                    all);
        }
        skipped.forEach(
                (task, counts) ->
                        LOG.warn(
                                "{}: task '{}' skips {} of {} rows: the training data does not have"
                                        + " {}",
                                source(),
                                task,
                                counts.rows,
                                all,
                                counts.named()));
        wrong.forEach(
                (task, counts) ->
                        LOG.warn(
                                "{}: task '{}': {} of {} rows have labels that the training data"
                                        + " does not have, and count as wrong: {}",
                                source(),
                                task,
                                counts.rows,
                                all,
                                counts.named()));
    }
}
