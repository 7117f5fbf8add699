package dev.mtl.train.report;

import dev.mtl.train.progress.Evaluation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The scores of the best model side by side: on the validation data, there with fitted settings,
 * and on the test data.
 */
final class ScoreTable {
    private static final String JOINT = "joint accuracy";

    private final History history;
    private final @Nullable Evaluation best;
    private final @Nullable Evaluation test;

    ScoreTable(History history) {
        this.history = history;
        best = history.best();
        test = history.test();
    }

    /** Values for the template: one table, or none if nothing was scored. */
    List<Map<String, Object>> template() {
        var fitted = fitted();
        var table = new HtmlTable("Scores").names("task", "score");
        if (best != null) {
            table.numbers("validation");
        }
        if (!fitted.isEmpty()) {
            table.numbers("fitted");
        }
        if (test != null) {
            table.numbers("test");
        }
        for (var task : history.tasks()) {
            var before = of(best, task);
            var after = fitted.getOrDefault(task, Map.of());
            var onTest = of(test, task);
            var names = new LinkedHashMap<>(before);
            names.putAll(after);
            names.putAll(onTest);
            for (var name : names.keySet()) {
                add(table, task, name, !fitted.isEmpty(), before, after, onTest);
            }
        }
        if (isJoint(best) || isJoint(test)) {
            add(table, "all tasks", JOINT, !fitted.isEmpty(), joint(best), Map.of(), joint(test));
        }
        return table.isEmpty()
                ? List.of()
                : List.of(
                        Map.of(
                                "table", table.render(),
                                "legend", legend(!fitted.isEmpty())));
    }

    private void add(
            HtmlTable table,
            String task,
            String name,
            boolean hasFitted,
            Map<String, Double> before,
            Map<String, Double> after,
            Map<String, Double> onTest) {
        var cells = new ArrayList<>(List.of(task, name));
        if (best != null) {
            cells.add(cell(before.get(name)));
        }
        if (hasFitted) {
            cells.add(cell(after.get(name)));
        }
        if (test != null) {
            cells.add(cell(onTest.get(name)));
        }
        table.row(cells);
    }

    private static String cell(@Nullable Double score) {
        return score == null ? "" : HtmlReport.score(score);
    }

    private static Map<String, Double> of(@Nullable Evaluation evaluation, String task) {
        return evaluation == null ? Map.of() : evaluation.tasks().getOrDefault(task, Map.of());
    }

    private static boolean isJoint(@Nullable Evaluation evaluation) {
        return evaluation != null && evaluation.jointAccuracy().isPresent();
    }

    private static Map<String, Double> joint(@Nullable Evaluation evaluation) {
        return evaluation == null || evaluation.jointAccuracy().isEmpty()
                ? Map.of()
                : Map.of(JOINT, evaluation.jointAccuracy().getAsDouble());
    }

    /** By task, the scores that fitting changed. */
    private SequencedMap<String, Map<String, Double>> fitted() {
        var changed = new LinkedHashMap<String, Map<String, Double>>();
        history.fitted()
                .forEach(
                        (task, fit) -> {
                            var scores = new LinkedHashMap<>(fit.after());
                            scores.entrySet()
                                    .removeIf(
                                            score -> {
                                                var before = fit.before().get(score.getKey());
                                                return before == null
                                                        || before.equals(score.getValue());
                                            });
                            if (!scores.isEmpty()) {
                                changed.put(task, scores);
                            }
                        });
        return changed;
    }

    private List<Map<String, Object>> legend(boolean hasFitted) {
        var legend = new ArrayList<Map<String, Object>>();
        if (best != null) {
            var on = best.rows() == 0 ? "" : " on " + best.rows() + " texts";
            legend.add(
                    entry(
                            "validation",
                            "the best model" + on + ", after step " + history.bestStep()));
        }
        if (hasFitted) {
            legend.add(
                    entry(
                            "fitted",
                            "the same data, with the thresholds and temperatures of the saved"
                                    + " model, which were fitted to it"));
        }
        if (test != null) {
            legend.add(
                    entry(
                            "test",
                            "the best model on " + test.rows() + " texts, which chose nothing"));
        }
        return legend;
    }

    private static Map<String, Object> entry(String column, String meaning) {
        return Map.of("column", column, "meaning", meaning);
    }
}
