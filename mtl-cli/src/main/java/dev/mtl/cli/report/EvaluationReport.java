package dev.mtl.cli.report;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.run.Bootstrap;
import dev.mtl.train.run.Bootstrap.ByScore;
import dev.mtl.train.run.Bootstrap.Difference;
import dev.mtl.train.run.Bootstrap.Interval;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * What {@code evaluate} found.
 *
 * @param skipped rows that some task left out
 * @param bootstrap how intervals and differences were computed
 * @param intervals of the scores; null if not asked for
 * @param differences to another model; null if there is none
 */
public record EvaluationReport(
        Evaluation evaluation,
        int skipped,
        Bootstrap bootstrap,
        @Nullable ByScore<Interval> intervals,
        @Nullable ByScore<Difference> differences) {
    /** As one JSON object. */
    public Map<String, Object> toJson() {
        var tasks = new LinkedHashMap<String, Object>();
        evaluation.tasks().forEach((task, scores) -> tasks.put(task, json(task, scores)));
        var json = new LinkedHashMap<String, Object>();
        json.put("tasks", tasks);
        evaluation.jointAccuracy().ifPresent(joint -> json.put("joint_accuracy", joint));
        json.put("rows", evaluation.rows());
        json.put("skipped", skipped);
        if (intervals != null) {
            json.put("confidence", withMethod(intervals, EvaluationReport::json));
        }
        if (differences != null) {
            json.put("against", withMethod(differences, EvaluationReport::json));
        }
        return json;
    }

    private Map<String, Object> json(String task, Map<String, Double> scores) {
        var json = new LinkedHashMap<String, Object>(scores);
        var details = evaluation.details().get(task);
        if (details != null && !details.byLabel().isEmpty()) {
            if (!details.micro().isEmpty()) {
                json.put("micro", details.micro());
                json.put("macro", details.macro());
            }
            json.put("labels", details.byLabel());
        }
        if (details != null && details.confusion().isPresent()) {
            json.put(
                    "confusion",
                    confused(details.confusion().get()).stream().map(Confused::toJson).toList());
        }
        return json;
    }

    private <T> Map<String, Object> withMethod(ByScore<T> results, Function<T, Object> value) {
        var tasks = new LinkedHashMap<String, Object>();
        results.tasks()
                .forEach(
                        (task, scores) -> {
                            var own = new LinkedHashMap<String, Object>();
                            scores.forEach((name, result) -> own.put(name, value.apply(result)));
                            tasks.put(task, own);
                        });
        var json = new LinkedHashMap<String, Object>();
        json.put("level", bootstrap.confidence());
        json.put("resamples", bootstrap.resamples());
        json.put("tasks", tasks);
        results.jointAccuracy().ifPresent(joint -> json.put("joint_accuracy", value.apply(joint)));
        return json;
    }

    private static Object json(Interval interval) {
        return List.of(interval.low(), interval.high());
    }

    private static Object json(Difference difference) {
        var json = new LinkedHashMap<String, Object>();
        json.put("difference", difference.value());
        json.put("interval", json(difference.interval()));
        json.put("p", difference.p());
        return json;
    }

    /** A label that was taken for another. */
    record Confused(String gold, String predicted, int count) {
        private SequencedMap<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("gold", gold);
            json.put("predicted", predicted);
            json.put("count", count);
            return json;
        }
    }

    /** The pairs of labels that were confused, the most frequent first. */
    static List<Confused> confused(ConfusionMatrix matrix) {
        var pairs = new ArrayList<Confused>();
        var labels = matrix.labels();
        for (int gold = 0; gold < labels.size(); gold++) {
            for (int predicted = 0; predicted < labels.size(); predicted++) {
                int count = matrix.count(gold, predicted);
                if (gold != predicted && count > 0) {
                    pairs.add(new Confused(labels.get(gold), labels.get(predicted), count));
                }
            }
        }
        pairs.sort(Comparator.comparingInt(Confused::count).reversed());
        return pairs;
    }
}
