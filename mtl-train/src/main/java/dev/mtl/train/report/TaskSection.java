package dev.mtl.train.report;

import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Evaluation.Mistake;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the report says of one task. */
final class TaskSection {
    private final String task;
    private final History history;
    private final Evaluation.Details details;

    TaskSection(String task, History history) {
        this.task = task;
        this.history = history;
        var none = new Evaluation.Details(Map.of(), Optional.empty(), List.of());
        details = history.best() == null ? none : history.best().details().getOrDefault(task, none);
    }

    /** Values for the template. */
    Map<String, Object> template() {
        var charts = charts();
        var confusions = details.confusion().map(matrix -> new Confusions(task, matrix));
        var values = new HashMap<String, Object>();
        values.put("task", task);
        values.put("charts", charts.drawn());
        values.put("told", charts.told());
        values.put("labels", labels());
        values.put("pairs", confusions.stream().map(Confusions::pairs).toList());
        values.put("matrix", confusions.map(Confusions::matrix).orElse(List.of()));
        values.put("mistakes", mistakes());
        return values;
    }

    private Charts charts() {
        var charts = new Charts(task, history.bestStep());
        if (!history.sharedSteps()) {
            var loss = new LinkedHashMap<String, List<History.Point>>();
            loss.put("loss", history.taskLosses().getOrDefault(task, List.of()));
            charts.add("Loss in the steps of this task", "loss", loss);
        }
        charts.add(
                "Parts of the loss",
                "loss",
                history.lossParts().getOrDefault(task, new LinkedHashMap<>()));
        return charts.add(
                "Validation scores",
                "score",
                history.scores().getOrDefault(task, new LinkedHashMap<>()));
    }

    /** One table, the worst labels first, or none if there are no labels. */
    private List<Map<String, Object>> labels() {
        var byLabel = details.byLabel();
        if (byLabel.isEmpty()) {
            return List.of();
        }
        var names = byLabel.values().iterator().next().keySet();
        var table =
                new HtmlTable(task + ": scores by label")
                        .names("label")
                        .numbers(names.toArray(String[]::new));
        var rows = new ArrayList<>(byLabel.entrySet());
        if (names.contains("f1")) {
            table.sortedBy("f1", "ascending");
            rows.sort(
                    Comparator.comparingDouble(TaskSection::score)
                            .thenComparingDouble(
                                    row -> -row.getValue().getOrDefault("support", 0.0)));
        }
        for (var row : rows) {
            var cells = new ArrayList<String>();
            cells.add(row.getKey());
            names.forEach(name -> cells.add(cell(name, row.getValue().get(name))));
            table.row(cells);
        }
        return List.of(Map.of("count", rows.size(), "table", table.render()));
    }

    /** The score that orders labels; labels that no row has are neither good nor bad, and last. */
    private static double score(Map.Entry<String, Map<String, Double>> label) {
        var scores = label.getValue();
        boolean hasRows = scores.getOrDefault("support", 1.0) > 0;
        return hasRows ? scores.getOrDefault("f1", 0.0) : 2;
    }

    private static String cell(String name, @Nullable Double score) {
        if (score == null) {
            return "";
        }
        return List.of("support", "predicted").contains(name)
                ? String.valueOf(Math.round(score))
                : HtmlReport.score(score);
    }

    private List<Map<String, Object>> mistakes() {
        if (details.mistakes().isEmpty()) {
            return List.of();
        }
        var table =
                new HtmlTable(task + ": examples of mistakes")
                        .prose("text")
                        .names("data says", "predicted")
                        .numbers("confidence");
        for (var mistake : details.mistakes()) {
            table.row(
                    List.of(
                            mistake.text(),
                            mistake.gold(),
                            mistake.predicted(),
                            mistake.confidence().isPresent()
                                    ? String.format(
                                            Locale.ROOT, "%.3f", mistake.confidence().getAsDouble())
                                    : ""),
                    place(mistake));
        }
        return List.of(Map.of("count", details.mistakes().size(), "table", table.render()));
    }

    /** File and line, without the folders that lead there. */
    private static String place(Mistake mistake) {
        var place = mistake.place();
        return place.substring(1 + Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')));
    }
}
