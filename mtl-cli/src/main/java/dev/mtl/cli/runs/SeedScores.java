package dev.mtl.cli.runs;

import dev.mtl.train.TrainingResult;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** Mean and deviation of the scores of runs that differ in their seeds alone. */
public final class SeedScores {
    private final List<Long> seeds = new ArrayList<>();
    private final Split validation = new Split();
    private final Split test = new Split();

    /** Adds the run of a seed. */
    public void add(long seed, TrainingResult result) {
        seeds.add(seed);
        validation.add(result.scores(), result.jointAccuracy());
        test.add(result.test(), result.testJointAccuracy());
    }

    /**
     * As JSON: {@code seeds}, for each score its {@code mean} and {@code deviation}, and in {@code
     * test} those of the test data.
     */
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("seeds", seeds);
        json.putAll(validation.toJson());
        if (!test.scores.isEmpty()) {
            json.put("test", test.toJson());
        }
        return json;
    }

    /** A line for people, and one of the test data. */
    public String toText() {
        var names = String.join(", ", seeds.stream().map(String::valueOf).toList());
        var text =
                "mean and deviation of the seeds " + names + ": " + validation.toText("not scored");
        return test.scores.isEmpty()
                ? text
                : text + "\ntest, mean and deviation of the seeds " + names + ": " + test.toText("");
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

    /** The scores of all runs on one split. */
    private static final class Split {
        private final SequencedMap<String, SequencedMap<String, List<Double>>> scores =
                new LinkedHashMap<>();
        private final List<Double> joint = new ArrayList<>();

        void add(Map<String, Map<String, Double>> tasks, OptionalDouble jointAccuracy) {
            tasks.forEach(
                    (task, own) -> {
                        var ofTask = scores.computeIfAbsent(task, _ -> new LinkedHashMap<>());
                        own.forEach(
                                (name, value) ->
                                        ofTask.computeIfAbsent(name, _ -> new ArrayList<>())
                                                .add(value));
                    });
            jointAccuracy.ifPresent(joint::add);
        }

        Map<String, Object> toJson() {
            var tasks = new LinkedHashMap<String, Object>();
            scores.forEach(
                    (task, own) -> {
                        var values = new LinkedHashMap<String, Object>();
                        own.forEach((name, list) -> values.put(name, json(list)));
                        tasks.put(task, values);
                    });
            var json = new LinkedHashMap<String, Object>();
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

        String toText(String otherwise) {
            var parts = new ArrayList<String>();
            scores.forEach(
                    (task, own) ->
                            own.forEach((name, list) -> parts.add(text(task + " " + name, list))));
            if (!joint.isEmpty()) {
                parts.add(text("joint accuracy", joint));
            }
            return parts.isEmpty() ? otherwise : String.join(", ", parts);
        }

        private static String text(String name, List<Double> values) {
            return String.format(
                    Locale.ROOT, "%s %.4f (%.4f)", name, mean(values), deviation(values));
        }
    }
}
