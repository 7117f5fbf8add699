package dev.mtl.train.config;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The scores of tasks that {@code best_metric} names: {@code slots.f1}, or the mean of several,
 * {@code mean(intent.accuracy, slots.f1)}.
 */
public record NamedScores(List<Score> scores) {
    private static final Pattern MEAN = Pattern.compile("mean\\((.*)\\)");

    /** A score of a task; its name is empty if there is no dot. */
    public record Score(String task, String name) {
        static Score of(String text) {
            int dot = text.indexOf('.');
            return dot < 0
                    ? new Score(text, "")
                    : new Score(text.substring(0, dot), text.substring(dot + 1));
        }

        @Override
        public String toString() {
            return name.isEmpty() ? task : task + "." + name;
        }
    }

    public NamedScores {
        scores = List.copyOf(scores);
    }

    /** Reads a value that is neither {@code mean} nor {@code joint_accuracy}. */
    public static NamedScores of(String bestMetric) {
        var mean = MEAN.matcher(bestMetric.strip());
        var names = mean.matches() ? mean.group(1) : bestMetric;
        return new NamedScores(
                Arrays.stream(names.split(",", -1)).map(String::strip).map(Score::of).toList());
    }

    @Override
    public String toString() {
        return scores.stream().map(Score::toString).collect(Collectors.joining(", "));
    }
}
