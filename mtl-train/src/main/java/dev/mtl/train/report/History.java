package dev.mtl.train.report;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.train.progress.Evaluation;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The course of a run, read from {@code metrics.jsonl}; a resumed run is one history.
 *
 * @param losses loss of each step by task, {@code total} first
 * @param rates learning rate of each step by part of the network
 * @param gradientNorm gradient norm of each step, before clipping
 * @param scores validation scores by task and name
 * @param trainLoss mean training loss between evaluations
 * @param bestStep step of the best model, 0 if there is none
 * @param best evaluation of the best model, null if there is none
 * @param lastStep the last completed step
 * @param tokens number of tokens processed
 * @param trainSeconds time spent in steps
 * @param evaluationSeconds time spent in evaluations
 * @param notes facts about the run, such as what it goes on from
 * @param test evaluation of the best model on the test data, null if there is none
 * @param fitted by task, its scores before and after its head was fitted to the validation data
 */
record History(
        SequencedMap<String, List<Point>> losses,
        SequencedMap<String, List<Point>> rates,
        List<Point> gradientNorm,
        SequencedMap<String, SequencedMap<String, List<Point>>> scores,
        List<Point> trainLoss,
        int bestStep,
        @Nullable Evaluation best,
        int lastStep,
        double lastEpoch,
        long tokens,
        double trainSeconds,
        double evaluationSeconds,
        List<String> notes,
        SequencedMap<String, Fit> fitted,
        @Nullable Evaluation test) {
    /** Scores of a task before and after its head was fitted. */
    record Fit(Map<String, Double> before, Map<String, Double> after) {}

    /** A value at a step. */
    record Point(double step, double value) {}

    /** Reads the file; infinite and NaN values have no point. */
    static History read(Path metrics) throws IOException {
        var reader = new Reader();
        MetricsLines.read(metrics, (line, json) -> reader.add(json));
        return reader.history();
    }

    /** Collects the lines of the file. */
    private static final class Reader {
        private final List<Point> total = new ArrayList<>();
        private final SequencedMap<String, List<Point>> taskLosses = new LinkedHashMap<>();
        private final SequencedMap<String, List<Point>> rates = new LinkedHashMap<>();
        private final List<Point> gradientNorm = new ArrayList<>();
        private final SequencedMap<String, SequencedMap<String, List<Point>>> scores =
                new LinkedHashMap<>();
        private final List<Point> trainLoss = new ArrayList<>();
        private int bestStep;
        private @Nullable Evaluation best;
        private int lastStep;
        private double lastEpoch;
        private long tokens;
        private double trainSeconds;
        private double evaluationSeconds;
        private final SequencedMap<String, Fit> fitted = new LinkedHashMap<>();
        private @Nullable Evaluation test;
        private final List<String> notes = new ArrayList<>();

        void add(JsonNode line) {
            if (line.has("note")) {
                notes.add(line.path("note").asText());
                return;
            }
            if (line.has("fitted")) {
                fitted(line.path("fitted"));
                return;
            }
            if (line.has("test")) {
                test = BestDetails.fromJson(line, "test");
                return;
            }
            lastStep = line.path("step").asInt();
            lastEpoch = line.path("epoch").asDouble();
            if (line.has("evaluation")) {
                evaluation(line);
            } else {
                step(line);
            }
        }

        private void fitted(JsonNode tasks) {
            tasks.properties()
                    .forEach(
                            task ->
                                    fitted.put(
                                            task.getKey(),
                                            new Fit(
                                                    BestDetails.scores(
                                                            task.getValue().path("before")),
                                                    BestDetails.scores(
                                                            task.getValue().path("after")))));
        }

        private void step(JsonNode line) {
            add(total, line.path("loss"));
            line.path("tasks")
                    .properties()
                    .forEach(
                            task ->
                                    add(
                                            taskLosses.computeIfAbsent(
                                                    task.getKey(), key -> new ArrayList<>()),
                                            task.getValue()));
            line.path("learning_rates")
                    .properties()
                    .forEach(
                            part ->
                                    add(
                                            rates.computeIfAbsent(
                                                    part.getKey(), key -> new ArrayList<>()),
                                            part.getValue()));
            add(gradientNorm, line.path("grad_norm"));
            tokens += line.path("tokens").asLong();
            trainSeconds += line.path("seconds").asDouble();
        }

        private void evaluation(JsonNode line) {
            line.path("evaluation")
                    .properties()
                    .forEach(
                            task ->
                                    task.getValue()
                                            .properties()
                                            .forEach(
                                                    score ->
                                                            add(
                                                                    series(
                                                                            task.getKey(),
                                                                            score.getKey()),
                                                                    score.getValue())));
            if (line.has("joint_accuracy")) {
                add(series("all tasks", "joint_accuracy"), line.path("joint_accuracy"));
            }
            add(trainLoss, line.path("train_loss"));
            if (line.path("best").asBoolean()) {
                bestStep = lastStep;
                best = BestDetails.fromJson(line, "evaluation");
            }
            evaluationSeconds += line.path("seconds").asDouble();
        }

        private List<Point> series(String task, String score) {
            return scores.computeIfAbsent(task, key -> new LinkedHashMap<>())
                    .computeIfAbsent(score, key -> new ArrayList<>());
        }

        private void add(List<Point> series, JsonNode value) {
            if (value.isNumber()) {
                series.add(new Point(lastStep, value.asDouble()));
            }
        }

        /** A single task's loss is the total: one curve shows both. */
        private SequencedMap<String, List<Point>> losses() {
            var losses = new LinkedHashMap<String, List<Point>>();
            losses.put("total", total);
            if (taskLosses.size() > 1) {
                losses.putAll(taskLosses);
            }
            return losses;
        }

        History history() {
            return new History(
                    losses(),
                    rates,
                    gradientNorm,
                    scores,
                    trainLoss,
                    bestStep,
                    best,
                    lastStep,
                    lastEpoch,
                    tokens,
                    trainSeconds,
                    evaluationSeconds,
                    notes,
                    fitted,
                    test);
        }
    }
}
