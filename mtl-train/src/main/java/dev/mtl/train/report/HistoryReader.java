package dev.mtl.train.report;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.report.History.Fit;
import dev.mtl.train.report.History.Point;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Collects the lines of {@code metrics.jsonl}. */
final class HistoryReader {
    private final List<Point> loss = new ArrayList<>();
    private final SequencedMap<String, List<Point>> taskLosses = new LinkedHashMap<>();
    private final SequencedMap<String, SequencedMap<String, List<Point>>> lossParts =
            new LinkedHashMap<>();
    private final Map<String, Integer> stepsOfTask = new HashMap<>();
    private final List<Point> meanLoss = new ArrayList<>();
    private final SequencedMap<String, List<Point>> meanTaskLosses = new LinkedHashMap<>();
    private final Map<String, Mean> sinceEvaluation = new LinkedHashMap<>();
    private final SequencedMap<String, List<Point>> rates = new LinkedHashMap<>();
    private final List<Point> gradientNorm = new ArrayList<>();
    private final SequencedMap<String, List<Point>> normsByTask = new LinkedHashMap<>();
    private boolean oneTaskSteps = true;
    private final SequencedMap<String, SequencedMap<String, List<Point>>> scores =
            new LinkedHashMap<>();
    private final List<Point> jointAccuracy = new ArrayList<>();
    private int bestStep;
    private @Nullable Evaluation best;
    private int steps;
    private int lastStep;
    private double lastEpoch;
    private long tokens;
    private double trainSeconds;
    private double evaluationSeconds;
    private final SequencedMap<String, Fit> fitted = new LinkedHashMap<>();
    private @Nullable Evaluation test;
    private final List<String> notes = new ArrayList<>();

    private record Mean(double sum, int count) {
        Mean plus(Mean other) {
            return new Mean(sum + other.sum, count + other.count);
        }
    }

    void add(JsonNode line) {
        if (line.has("note")) {
            notes.add(line.path("note").asText());
        } else if (line.has("fitted")) {
            line.path("fitted")
                    .properties()
                    .forEach(task -> fitted.put(task.getKey(), fit(task.getValue())));
        } else if (line.has("test")) {
            test = BestDetails.fromJson(line, "test");
        } else {
            lastStep = line.path("step").asInt();
            lastEpoch = line.path("epoch").asDouble();
            if (line.has("evaluation")) {
                evaluation(line);
            } else {
                step(line);
            }
        }
    }

    private static Fit fit(JsonNode task) {
        return new Fit(
                BestDetails.scores(task.path("before")), BestDetails.scores(task.path("after")));
    }

    private void step(JsonNode line) {
        steps++;
        add(loss, line.path("loss"));
        addAll(taskLosses, line.path("tasks"));
        addAllOfTasks(lossParts, line.path("loss_parts"));
        line.path("tasks")
                .properties()
                .forEach(
                        task -> {
                            stepsOfTask.merge(task.getKey(), 1, Integer::sum);
                            if (task.getValue().isNumber()) {
                                sinceEvaluation.merge(
                                        task.getKey(),
                                        new Mean(task.getValue().asDouble(), 1),
                                        Mean::plus);
                            }
                        });
        addAll(rates, line.path("learning_rates"));
        add(gradientNorm, line.path("grad_norm"));
        var tasks = new ArrayList<String>();
        line.path("tasks").fieldNames().forEachRemaining(tasks::add);
        oneTaskSteps &= tasks.size() == 1;
        if (oneTaskSteps) {
            add(
                    normsByTask.computeIfAbsent(tasks.getFirst(), key -> new ArrayList<>()),
                    line.path("grad_norm"));
        }
        tokens += line.path("tokens").asLong();
        trainSeconds += line.path("seconds").asDouble();
    }

    private void evaluation(JsonNode line) {
        addAllOfTasks(scores, line.path("evaluation"));
        add(jointAccuracy, line.path("joint_accuracy"));
        add(meanLoss, line.path("train_loss"));
        sinceEvaluation.forEach(
                (task, mean) ->
                        meanTaskLosses
                                .computeIfAbsent(task, key -> new ArrayList<>())
                                .add(new Point(lastStep, mean.sum() / mean.count())));
        sinceEvaluation.clear();
        if (line.path("best").asBoolean()) {
            bestStep = lastStep;
            best = BestDetails.fromJson(line, "evaluation");
        }
        evaluationSeconds += line.path("seconds").asDouble();
    }

    private void addAllOfTasks(
            SequencedMap<String, SequencedMap<String, List<Point>>> tasks, JsonNode values) {
        values.properties()
                .forEach(
                        task ->
                                addAll(
                                        tasks.computeIfAbsent(
                                                task.getKey(), key -> new LinkedHashMap<>()),
                                        task.getValue()));
    }

    private void addAll(SequencedMap<String, List<Point>> series, JsonNode values) {
        values.properties()
                .forEach(
                        value ->
                                add(
                                        series.computeIfAbsent(
                                                value.getKey(), key -> new ArrayList<>()),
                                        value.getValue()));
    }

    private void add(List<Point> series, JsonNode value) {
        if (value.isNumber()) {
            series.add(new Point(lastStep, value.asDouble()));
        }
    }

    History history() {
        boolean sharedSteps =
                stepsOfTask.size() < 2
                        || stepsOfTask.values().stream().allMatch(count -> count == steps);
        var meanLosses = new LinkedHashMap<String, List<Point>>();
        if (sharedSteps) {
            meanLosses.put("mean since the last evaluation", meanLoss);
        } else {
            meanLosses.putAll(meanTaskLosses);
        }
        return new History(
                loss,
                taskLosses,
                lossParts,
                sharedSteps,
                meanLosses,
                rates,
                gradientNorms(),
                scores,
                jointAccuracy,
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

    private SequencedMap<String, List<Point>> gradientNorms() {
        if (oneTaskSteps && normsByTask.size() > 1) {
            return normsByTask;
        }
        var norms = new LinkedHashMap<String, List<Point>>();
        norms.put("norm", gradientNorm);
        return norms;
    }
}
