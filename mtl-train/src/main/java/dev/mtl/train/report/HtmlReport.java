package dev.mtl.train.report;

import dev.mtl.core.head.ConfusionMatrix;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One self-contained page about a run, without network access and scripts: the values of {@code
 * report.html}, its template.
 */
final class HtmlReport {
    private static final Template PAGE = Template.parse(Template.resource("report.html"));

    /** Larger confusion matrices are listed by their most frequent confusions instead. */
    private static final int MOST_LABELS = 100;

    private static final int MOST_PAIRS = 50;

    private final History history;

    private HtmlReport(History history) {
        this.history = history;
    }

    /**
     * Writes the page.
     *
     * @param configuration as YAML
     */
    static String write(String title, History history, String configuration) {
        var report = new HtmlReport(history);
        return PAGE.render(
                Map.of(
                        "title", title,
                        "style", Template.resource("report.css"),
                        "tiles", report.tiles(),
                        "charts", report.charts(),
                        "tasks", report.tasks(),
                        "fitted", report.fitted(),
                        "test", report.test(),
                        "notes", report.notes(),
                        "configuration", configuration));
    }

    private List<Map<String, Object>> notes() {
        return history.notes().isEmpty()
                ? List.of()
                : List.of(
                        Map.of(
                                "lines",
                                history.notes().stream()
                                        .map(line -> Map.of("line", line))
                                        .toList()));
    }

    private List<Map<String, String>> tiles() {
        var tiles = new ArrayList<Map<String, String>>();
        tiles.add(tile("steps", String.valueOf(history.lastStep())));
        tiles.add(tile("epochs", String.format(Locale.ROOT, "%.2f", history.lastEpoch())));
        tiles.add(tile("training", duration(history.trainSeconds())));
        tiles.add(tile("evaluation", duration(history.evaluationSeconds())));
        if (history.trainSeconds() > 0) {
            tiles.add(
                    tile(
                            "tokens/s",
                            String.format(
                                    Locale.ROOT,
                                    "%.0f",
                                    history.tokens() / history.trainSeconds())));
        }
        var best = history.best();
        if (best != null) {
            tiles.add(tile("best model at step", String.valueOf(history.bestStep())));
            best.tasks()
                    .forEach(
                            (task, scores) ->
                                    scores.forEach(
                                            (name, score) ->
                                                    tiles.add(
                                                            tile(
                                                                    task + " " + name,
                                                                    score(score)))));
            best.jointAccuracy()
                    .ifPresent(joint -> tiles.add(tile("joint accuracy", score(joint))));
        }
        return tiles;
    }

    private static Map<String, String> tile(String name, String value) {
        return Map.of("name", name, "value", value);
    }

    private List<Map<String, String>> charts() {
        var charts = new ArrayList<Map<String, String>>();
        chart(charts, "Loss", "loss", history.losses());
        chart(
                charts,
                "Training loss between evaluations",
                "loss",
                curve("mean since the last evaluation", history.trainLoss()));
        history.scores()
                .forEach((task, scores) -> chart(charts, "Validation: " + task, "score", scores));
        chart(charts, "Learning rates", "learning rate", history.rates());
        chart(
                charts,
                "Norm of the gradients, before clipping",
                "norm",
                curve("norm", history.gradientNorm()));
        return charts;
    }

    private static SequencedMap<String, List<History.Point>> curve(
            String name, List<History.Point> points) {
        var curve = new LinkedHashMap<String, List<History.Point>>();
        curve.put(name, points);
        return curve;
    }

    private void chart(
            List<Map<String, String>> charts,
            String heading,
            String unit,
            SequencedMap<String, List<History.Point>> curves) {
        if (!curves.values().stream().allMatch(List::isEmpty)) {
            charts.add(
                    Map.of(
                            "heading",
                            heading,
                            "chart",
                            LineChart.draw(unit, curves, history.bestStep())));
        }
    }

    private List<Map<String, Object>> tasks() {
        var tasks = new ArrayList<Map<String, Object>>();
        var best = history.best();
        if (best != null) {
            best.details()
                    .forEach(
                            (task, details) -> {
                                var matrix = details.confusion().stream().toList();
                                tasks.add(
                                        Map.of(
                                                "task",
                                                task,
                                                "scores",
                                                scoresByLabel(details.byLabel()),
                                                "confusion",
                                                matrix.stream()
                                                        .filter(m -> !isTooLarge(m))
                                                        .map(HtmlReport::confusion)
                                                        .toList(),
                                                "pairs",
                                                matrix.stream()
                                                        .filter(HtmlReport::isTooLarge)
                                                        .map(HtmlReport::pairs)
                                                        .toList()));
                            });
        }
        return tasks;
    }

    /** One table of the scores that fitting changed, or none if nothing was fitted. */
    private List<Map<String, Object>> fitted() {
        var rows = new ArrayList<Map<String, Object>>();
        history.fitted()
                .forEach(
                        (task, fit) ->
                                fit.after()
                                        .forEach(
                                                (name, after) -> {
                                                    var before = fit.before().get(name);
                                                    if (before != null && !before.equals(after)) {
                                                        rows.add(
                                                                Map.of(
                                                                        "task",
                                                                        task,
                                                                        "name",
                                                                        name,
                                                                        "before",
                                                                        score(before),
                                                                        "after",
                                                                        score(after)));
                                                    }
                                                }));
        return rows.isEmpty() ? List.of() : List.of(Map.of("rows", rows));
    }

    /** One table of the scores of the test data, or none if there is none. */
    private List<Map<String, Object>> test() {
        var test = history.test();
        if (test == null) {
            return List.of();
        }
        var rows = new ArrayList<Map<String, String>>();
        test.tasks()
                .forEach(
                        (task, scores) ->
                                scores.forEach(
                                        (name, score) ->
                                                rows.add(
                                                        Map.of(
                                                                "task", task,
                                                                "name", name,
                                                                "value", score(score)))));
        test.jointAccuracy()
                .ifPresent(
                        joint ->
                                rows.add(
                                        Map.of(
                                                "task", "all tasks",
                                                "name", "joint accuracy",
                                                "value", score(joint))));
        return List.of(Map.of("rows", rows, "texts", test.rows()));
    }

    /** One table, or none if there are no labels. */
    private static List<Map<String, Object>> scoresByLabel(
            Map<String, Map<String, Double>> scores) {
        if (scores.isEmpty()) {
            return List.of();
        }
        var columns = scores.values().iterator().next().keySet();
        var rows = new ArrayList<Map<String, Object>>();
        scores.forEach(
                (label, row) ->
                        rows.add(
                                Map.of(
                                        "label",
                                        label,
                                        "cells",
                                        row.entrySet().stream()
                                                .map(cell -> Map.of("value", cell(cell)))
                                                .toList())));
        return List.of(
                Map.of(
                        "columns",
                        columns.stream().map(name -> Map.of("name", name)).toList(),
                        "rows",
                        rows));
    }

    private static String cell(Map.Entry<String, Double> score) {
        return List.of("support", "predicted").contains(score.getKey())
                ? String.valueOf(Math.round(score.getValue()))
                : score(score.getValue());
    }

    private static boolean isTooLarge(ConfusionMatrix matrix) {
        return matrix.labels().size() > MOST_LABELS;
    }

    private static Map<String, Object> confusion(ConfusionMatrix matrix) {
        var labels = matrix.labels();
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
        return Map.of(
                "labels",
                labels.stream().map(label -> Map.of("label", label)).toList(),
                "rows",
                rows);
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

    private static Map<String, Object> pairs(ConfusionMatrix matrix) {
        var pairs = ConfusedPair.of(matrix);
        int labels = matrix.labels().size();
        if (pairs.isEmpty()) {
            return Map.of(
                    "summary",
                    "None of " + labels + " labels was mistaken for another.",
                    "table",
                    List.of());
        }
        var summary =
                String.format(
                        Locale.ROOT,
                        "The table of all %d labels would be too large to read: these are the %d"
                                + " most frequent of %d confused pairs.",
                        labels,
                        Math.min(MOST_PAIRS, pairs.size()),
                        pairs.size());
        var rows =
                pairs.stream()
                        .limit(MOST_PAIRS)
                        .map(
                                pair ->
                                        Map.of(
                                                "gold", pair.gold(),
                                                "predicted", pair.predicted(),
                                                "count", pair.count(),
                                                "total", pair.ofGold()))
                        .toList();
        return Map.of("summary", summary, "table", List.of(Map.of("rows", rows)));
    }

    private static String score(double score) {
        return String.format(Locale.ROOT, "%.4f", score);
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
