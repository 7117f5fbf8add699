package dev.mtl.cli.runs;

import dev.mtl.train.TrainingResult;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Mean and deviation of the scores of runs that differ in their seeds alone. */
public final class SeedScores {
    private final List<Long> seeds = new ArrayList<>();
    private final SequencedMap<String, SequencedMap<String, List<Double>>> scores =
            new LinkedHashMap<>();
    private final List<Double> joint = new ArrayList<>();

    /** Adds the run of a seed. */
    public void add(long seed, TrainingResult result) {
        seeds.add(seed);
        result.scores()
                .forEach(
                        (task, own) ->
                                own.forEach(
                                        (name, value) ->
                                                scores.computeIfAbsent(
                                                                task, _ -> new LinkedHashMap<>())
                                                        .computeIfAbsent(
                                                                name, _ -> new ArrayList<>())
                                                        .add(value)));
        result.jointAccuracy().ifPresent(joint::add);
    }

    /** As JSON: {@code seeds}, and for each score its {@code mean} and {@code deviation}. */
    public Map<String, Object> toJson() {
        var tasks = new LinkedHashMap<String, Object>();
        scores.forEach(
                (task, own) -> {
                    var values = new LinkedHashMap<String, Object>();
                    own.forEach((name, list) -> values.put(name, json(list)));
                    tasks.put(task, values);
                });
        var json = new LinkedHashMap<String, Object>();
        json.put("seeds", seeds);
        json.put("tasks", tasks);
        if (!joint.isEmpty()) {
            json.put("joint_accuracy", json(joint));
        }
        return json;
    }

    private static Map<String, Double> json(List<Double> values) {
        var json = new LinkedHashMap<String, Double>();
        json.put("mean", mean(values));
        json.put("deviation", deviation(values));
        return json;
    }

    /** A line for people. */
    public String toText() {
        var parts = new ArrayList<String>();
        scores.forEach(
                (task, own) ->
                        own.forEach((name, list) -> parts.add(text(task + " " + name, list))));
        if (!joint.isEmpty()) {
            parts.add(text("joint accuracy", joint));
        }
        return "mean and deviation of the seeds %s: %s"
                .formatted(
                        String.join(", ", seeds.stream().map(String::valueOf).toList()),
                        parts.isEmpty() ? "not scored" : String.join(", ", parts));
    }

    private static String text(String name, List<Double> values) {
        return String.format(
                Locale.ROOT, "%s %.4f (%.4f)", name, mean(values), deviation(values));
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElse(Double.NaN);
    }

    /** The standard deviation of a sample, with n - 1 in the denominator; 0 for one value. */
    static double deviation(List<Double> values) {
        double mean = mean(values);
        double sum = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
        return values.size() < 2 ? 0 : Math.sqrt(sum / (values.size() - 1));
    }
}
