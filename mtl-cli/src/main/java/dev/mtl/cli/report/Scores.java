package dev.mtl.cli.report;

import dev.mtl.train.progress.Evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints evaluations as JSON and as text. */
public final class Scores {
    private Scores() {}

    public static Map<String, Object> toJson(Evaluation evaluation) {
        var json = new LinkedHashMap<String, Object>();
        json.put("tasks", evaluation.tasks());
        evaluation.jointAccuracy().ifPresent(joint -> json.put("joint_accuracy", joint));
        return json;
    }

    public static String toText(Evaluation evaluation) {
        var parts = new ArrayList<String>();
        evaluation
                .tasks()
                .forEach(
                        (task, scores) ->
                                scores.forEach(
                                        (name, value) ->
                                                parts.add(format(task + " " + name, value))));
        evaluation.jointAccuracy().ifPresent(joint -> parts.add(format("joint accuracy", joint)));
        return String.join(", ", parts);
    }

    private static String format(String name, double value) {
        return String.format(Locale.ROOT, "%s %.4f", name, value);
    }
}
