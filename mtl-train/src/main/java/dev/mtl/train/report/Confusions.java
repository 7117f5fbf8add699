package dev.mtl.train.report;

import dev.mtl.core.head.ConfusionMatrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which labels were taken for which: the pairs, and a matrix of a few labels. */
final class Confusions {
    /** More labels than this make a matrix that nobody reads. */
    static final int MOST_LABELS = 25;

    private static final int MOST_PAIRS = 50;

    private final String task;
    private final ConfusionMatrix matrix;

    Confusions(String task, ConfusionMatrix matrix) {
        this.task = task;
        this.matrix = matrix;
    }

    /** The pairs in words and as a table, for the template. */
    Map<String, Object> pairs() {
        var pairs = ConfusedPair.of(matrix);
        var table =
                new HtmlTable(task + ": confusions")
                        .names("label", "predicted as")
                        .numbers("times", "of", "share, %")
                        .sortedBy("times", "descending");
        pairs.stream()
                .limit(MOST_PAIRS)
                .forEach(
                        pair ->
                                table.row(
                                        List.of(
                                                pair.gold(),
                                                pair.predicted(),
                                                String.valueOf(pair.count()),
                                                String.valueOf(pair.ofGold()),
                                                String.format(
                                                        Locale.ROOT,
                                                        "%.1f",
                                                        100.0 * pair.count() / pair.ofGold()))));
        return Map.of(
                "summary", summary(pairs.size()), "table", table.isEmpty() ? "" : table.render());
    }

    private String summary(int pairs) {
        int labels = matrix.labels().size();
        if (pairs == 0) {
            return "None of " + labels + " labels was mistaken for another.";
        }
        var which =
                pairs > MOST_PAIRS
                        ? "The " + MOST_PAIRS + " most frequent of " + pairs + " confused pairs"
                        : pairs == 1 ? "One confused pair" : pairs + " confused pairs";
        return which
                + " of "
                + labels
                + " labels. The share is that of all occurrences of the label in the data."
                + (matrix.labels().contains("O") ? " O stands for no such entity." : "");
    }

    /** The matrix for the template, or none if it has too many labels. */
    List<Map<String, Object>> matrix() {
        var labels = matrix.labels();
        if (labels.size() > MOST_LABELS) {
            return List.of();
        }
        var rows = new ArrayList<Map<String, Object>>();
        for (int gold = 0; gold < labels.size(); gold++) {
            int total = 0;
            for (int predicted = 0; predicted < labels.size(); predicted++) {
                total += matrix.count(gold, predicted);
            }
            var cells = new ArrayList<Map<String, Object>>();
            for (int predicted = 0; predicted < labels.size(); predicted++) {
                cells.add(cell(matrix.count(gold, predicted), total, gold == predicted));
            }
            rows.add(Map.of("label", labels.get(gold), "cells", cells));
        }
        return List.of(
                Map.of(
                        "labels",
                        labels.stream().map(label -> Map.of("label", label)).toList(),
                        "rows",
                        rows));
    }

    private static Map<String, Object> cell(int count, int total, boolean right) {
        var filled =
                Map.of(
                        "kind",
                        right ? "right" : "wrong",
                        "share",
                        String.format(Locale.ROOT, "%.3f", (double) count / total),
                        "count",
                        count);
        return count == 0
                ? Map.of("empty", List.of(Map.of()), "filled", List.of())
                : Map.of("empty", List.of(), "filled", List.of(filled));
    }
}
