package dev.mtl.train.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One self-contained page about a run: the values of {@code report.html}, its template. Its policy
 * allows no network access and no script but its own, which sorts tables.
 */
final class HtmlReport {
    private static final Template PAGE = Template.parse(Template.resource("report.html"));

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
        var script = Template.resource("report.js");
        var charts = report.charts();
        var values = new HashMap<String, Object>();
        values.put("title", title);
        values.put("style", Template.resource("report.css"));
        values.put("script", script);
        values.put("scriptHash", sha256(script));
        values.put("tiles", report.tiles());
        values.put("scores", new ScoreTable(history).template());
        values.put("notes", report.notes());
        values.put("charts", charts.drawn());
        values.put("told", charts.told());
        values.put("tasks", report.tasks());
        values.put("configuration", configuration);
        return PAGE.render(values);
    }

    /** As a content security policy names a script. */
    private static String sha256(String script) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(script.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
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
        if (history.best() != null) {
            tiles.add(tile("best model at step", String.valueOf(history.bestStep())));
        }
        return tiles;
    }

    private static Map<String, String> tile(String name, String value) {
        return Map.of("name", name, "value", value);
    }

    private Charts charts() {
        return new Charts("", history.bestStep())
                .add("Loss", "loss", history.sharedLosses())
                .add("Training loss between evaluations", "loss", history.meanLosses())
                .add(
                        "Validation: all tasks",
                        "score",
                        curve("joint accuracy", history.jointAccuracy()))
                .add("Learning rates", "learning rate", history.rates())
                .add("Norm of the gradients, before clipping", "norm", history.gradientNorms());
    }

    private static SequencedMap<String, List<History.Point>> curve(
            String name, List<History.Point> points) {
        var curve = new LinkedHashMap<String, List<History.Point>>();
        curve.put(name, points);
        return curve;
    }

    private List<Map<String, Object>> tasks() {
        var tasks = new ArrayList<Map<String, Object>>();
        for (var task : history.tasks()) {
            var values = new HashMap<>(new TaskSection(task, history).template());
            values.put("id", "task-" + (tasks.size() + 1));
            tasks.add(values);
        }
        return tasks;
    }

    /** A score as the page shows it. */
    static String score(double score) {
        return String.format(Locale.ROOT, "%.4f", score);
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
