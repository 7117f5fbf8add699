package dev.mtl.train.run;

import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.checkpoint.EarlierModel;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.IneffectiveSettings;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.sampling.TrainingSet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a run tells its user besides numbers: a line for each decision. */
public final class TrainingNotes {
    private final TrainingListener listener;

    /** Notes for a listener, which hears each with {@link TrainingListener#onNote}. */
    public TrainingNotes(TrainingListener listener) {
        this.listener = listener;
    }

    /** Training continues from a checkpoint. */
    public static String resumed(int step) {
        return String.format(Locale.ROOT, "resumed after step %d", step);
    }

    /**
     * A model took the place of an earlier one: the primary metrics of both.
     *
     * @param model with the heads of the new one
     * @param directory of the new one
     */
    public void replaced(EarlierModel earlier, MultiTaskModel model, Path directory) {
        listener.onNote(
                "%s: %s; the model that was there before: %s%s"
                        .formatted(
                                directory,
                                primaryMetrics(ModelFiles.scores(directory), model),
                                primaryMetrics(earlier.scores(), model),
                                earlier.kept().map(path -> ", now in " + path).orElse("")));
    }

    private static String primaryMetrics(
            Optional<ModelWriter.Scores> scores, MultiTaskModel model) {
        if (scores.isEmpty()) {
            return "not scored";
        }
        var parts = new ArrayList<String>();
        scores.get()
                .tasks()
                .forEach(
                        (task, values) -> {
                            var known = model.tasks().get(task);
                            values.forEach(
                                    (name, value) -> {
                                        if (known == null
                                                || known.head().primaryMetric().equals(name)) {
                                            parts.add(
                                                    String.format(
                                                            Locale.ROOT,
                                                            "%s %s %.4f",
                                                            task,
                                                            name,
                                                            value));
                                        }
                                    });
                        });
        return "%s (%d texts)".formatted(String.join(", ", parts), scores.get().texts());
    }

    /**
     * Settings of a head were fitted: its primary metric, and the scores that changed.
     *
     * @param before the task's scores
     * @param after its scores with the fitted settings
     */
    public void fitted(
            String task,
            String primaryMetric,
            Map<String, Double> before,
            Map<String, Double> after) {
        var changed =
                after.keySet().stream()
                        .filter(name -> before.containsKey(name) && !name.equals(primaryMetric))
                        .filter(name -> !Objects.equals(before.get(name), after.get(name)));
        var changes =
                Stream.concat(Stream.of(primaryMetric), changed)
                        .map(
                                name ->
                                        String.format(
                                                Locale.ROOT,
                                                "%s %.4f, before %.4f",
                                                name,
                                                after.get(name),
                                                before.get(name)));
        listener.onNote(
                "task '%s': fitted to the validation data, %s"
                        .formatted(task, changes.collect(Collectors.joining("; "))));
    }

    /** A head could fit settings, but the data does not say enough, or nothing new. */
    public void nothingFitted(String task, int examples) {
        listener.onNote(
                "task '%s': nothing was fitted to its %d examples of validation data"
                        .formatted(task, examples));
    }

    /** A head could fit settings, but there is no data to fit them to. */
    public void noValidationData(String task) {
        listener.onNote("task '%s': nothing is fitted without validation data".formatted(task));
    }

    void nothingToTrain() {
        listener.onNote("nothing to train: training.freezing.policy is full");
    }

    /** Which texts are truncated, and how often an epoch sees those of each data set. */
    void data(TrainingSet training) {
        training.truncations().forEach(listener::onNote);
        if (training.datasets().size() < 2) {
            return;
        }
        var parts = new StringBuilder();
        for (int i = 0; i < training.datasets().size(); i++) {
            var dataset = training.datasets().get(i);
            parts.append(
                    String.format(
                            Locale.ROOT,
                            "%seach of the %d texts of %s %.2f times",
                            i == 0 ? "" : ", ",
                            dataset.size(),
                            String.join(", ", dataset.tasks()),
                            training.sampler().passesPerEpoch(i)));
        }
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "an epoch is %d steps and sees %s",
                        training.sampler().stepsPerEpoch(),
                        parts));
    }

    /** Settings that have no effect, or come too late for it. */
    void ineffective(
            TrainingConfig config,
            MultiTaskModel model,
            Freezing freezing,
            int steps,
            int stepsPerEpoch) {
        IneffectiveSettings.notes(config, model, freezing, steps, stepsPerEpoch)
                .forEach(listener::onNote);
    }

    /** What is scored next is not the last weights. */
    void averaged(int step) {
        listener.onNote("step %d: the mean of the last checkpoints".formatted(step));
    }

    void featuresKept(int texts, long bytes) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "the backbone is frozen: features of %d texts are computed once, %d MB",
                        texts,
                        bytes >> 20));
    }

    void featuresTooLarge(long bytes) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "the features of all texts take %d MB, too much to keep: the frozen"
                                + " backbone runs in every epoch",
                        bytes >> 20));
    }

    void featuresOfStreams() {
        listener.onNote(
                "the features of streamed texts are not kept: the frozen backbone runs in every"
                        + " epoch; without data.streaming it runs once");
    }

    void featuresOfLayers() {
        listener.onNote(
                "the features of a mix of layers, or of masked texts, are not kept: the frozen"
                        + " backbone runs in every epoch");
    }

    /** From a step on, from 0, another layer trains. */
    void unfrozen(int step, Freezing.Stage stage) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        stage.frozen().embeddings()
                                ? "step %d: layer %d joins"
                                : "step %d: layer %d and the embeddings join",
                        step + 1,
                        stage.frozen().layers() + 1));
    }

    void skipped(String problem, int skippedSoFar) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "%s; the step is skipped, the %d. so far",
                        problem,
                        skippedSoFar));
    }

    void scoreIsNaN(int step, String metric) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "step %d: the score '%s', which selects the best model, is NaN",
                        step,
                        metric));
    }

    void patienceIsOver(int evaluations) {
        listener.onNote(
                String.format(
                        Locale.ROOT,
                        "no better model in %d evaluations: training ends",
                        evaluations));
    }
}
