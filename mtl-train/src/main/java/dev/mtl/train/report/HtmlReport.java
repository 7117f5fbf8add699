package dev.mtl.train.report;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.train.run.Evaluation;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** One page on a run that needs nothing else: no network, no script. */
final class HtmlReport {
    /** Nobody reads larger confusion matrices. */
    private static final int MOST_LABELS = 100;

    /** How many pairs of labels stand for such a one. */
    private static final int MOST_PAIRS = 50;

    private final History history;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(History history) {
        this.history = history;
    }

    /**
     * Writes the page.
     *
     * @param configuration as YAML
     */
    static String write(String title, History history, String configuration) {
        var best = history.best();
        var report = new HtmlReport(history);
        report.page
                .append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
                .append(Html.escape(title))
                .append("</title><style>")
                .append(ReportStyle.CSS)
                .append("</style></head><body><main>\n<h1>")
                .append(Html.escape(title))
                .append("</h1>\n");
        report.summary(best);
        report.curves();
        if (best != null) {
            best.details().forEach(report::details);
        }
        report.page
                .append("<section><h2>Configuration</h2><pre>")
                .append(Html.escape(configuration))
                .append("</pre></section>\n</main></body></html>\n");
        return report.page.toString();
    }

    private void summary(@Nullable Evaluation best) {
        page.append("<ul class=\"tiles\">");
        tile("steps", String.valueOf(history.lastStep()));
        tile("epochs", String.format(Locale.ROOT, "%.2f", history.lastEpoch()));
        tile("training", duration(history.trainSeconds()));
        tile("evaluation", duration(history.evaluationSeconds()));
        if (history.trainSeconds() > 0) {
            tile(
                    "tokens/s",
                    String.format(Locale.ROOT, "%.0f", history.tokens() / history.trainSeconds()));
        }
        if (best != null) {
            tile("best model at step", String.valueOf(history.bestStep()));
            best.tasks()
                    .forEach(
                            (task, scores) ->
                                    scores.forEach(
                                            (name, score) ->
                                                    tile(task + " " + name, score(score))));
            best.jointAccuracy().ifPresent(figure -> tile("joint accuracy", score(figure)));
        }
        page.append("</ul>\n");
    }

    private void tile(String name, String value) {
        page.append("<li><b>")
                .append(Html.escape(value))
                .append("</b><span>")
                .append(Html.escape(name))
                .append("</span></li>");
    }

    private static String score(double score) {
        return String.format(Locale.ROOT, "%.4f", score);
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    private void curves() {
        chart("Loss", "loss", history.losses());
        var between = new LinkedHashMap<String, List<History.Point>>();
        between.put("mean since the last evaluation", history.trainLoss());
        chart("Training loss between evaluations", "loss", between);
        history.scores().forEach((task, scores) -> chart("Validation: " + task, "score", scores));
        chart("Learning rates", "learning rate", history.rates());
        var norm = new LinkedHashMap<String, List<History.Point>>();
        norm.put("norm", history.gradientNorm());
        chart("Norm of the gradients, before clipping", "norm", norm);
    }

    private void chart(
            String title, String unit, SequencedMap<String, List<History.Point>> series) {
        if (series.values().stream().allMatch(List::isEmpty)) {
            return;
        }
        page.append("<section class=\"chart\"><h2>")
                .append(Html.escape(title))
                .append("</h2>")
                .append(LineChart.draw(unit, series, history.bestStep()))
                .append("</section>\n");
    }

    private void details(String task, Evaluation.Details details) {
        if (!details.byLabel().isEmpty()) {
            page.append("<section><h2>").append(Html.escape(task)).append(": scores by label</h2>");
            table(details.byLabel());
            page.append("</section>\n");
        }
        details.confusion().ifPresent(matrix -> confusion(task, matrix));
    }

    private void table(Map<String, Map<String, Double>> rows) {
        var columns = rows.values().iterator().next().keySet();
        page.append("<table class=\"scores\"><thead><tr><th>label</th>");
        columns.forEach(name -> page.append("<th>").append(Html.escape(name)).append("</th>"));
        page.append("</tr></thead><tbody>");
        rows.forEach(
                (label, scores) -> {
                    page.append("<tr><th>").append(Html.escape(label)).append("</th>");
                    scores.forEach(
                            (name, value) ->
                                    page.append("<td>")
                                            .append(
                                                    name.equals("support")
                                                            ? String.valueOf(Math.round(value))
                                                            : score(value))
                                            .append("</td>"));
                    page.append("</tr>");
                });
        page.append("</tbody></table>");
    }

    private void confusion(String task, ConfusionMatrix matrix) {
        int size = matrix.labels().size();
        if (size > MOST_LABELS) {
            pairs(task, matrix);
            return;
        }
        page.append("<section><h2>")
                .append(Html.escape(task))
                .append(
                        ": which label was taken for which</h2><p>A row for each label of the"
                                + " data,")
                .append(" a column for each that was predicted.</p><div class=\"wide\">")
                .append("<table class=\"confusion\"><thead><tr><th></th>");
        matrix.labels()
                .forEach(
                        label ->
                                page.append("<th><div>")
                                        .append(Html.escape(label))
                                        .append("</div></th>"));
        page.append("</tr></thead><tbody>");
        for (int gold = 0; gold < size; gold++) {
            page.append("<tr><th>").append(Html.escape(matrix.labels().get(gold))).append("</th>");
            int total = 0;
            for (int predicted = 0; predicted < size; predicted++) {
                total += matrix.count(gold, predicted);
            }
            for (int predicted = 0; predicted < size; predicted++) {
                cell(matrix.count(gold, predicted), total, gold == predicted);
            }
            page.append("</tr>");
        }
        page.append("</tbody></table></div></section>\n");
    }

    /**
     * Which labels were most often taken for one another, of a matrix that is too large to show.
     */
    private void pairs(String task, ConfusionMatrix matrix) {
        var pairs = ConfusedPair.of(matrix);
        page.append("<section><h2>")
                .append(Html.escape(task))
                .append(": which label was taken for which</h2><p>");
        if (pairs.isEmpty()) {
            page.append("None of ").append(matrix.labels().size());
            page.append(" labels was taken for another.</p></section>\n");
            return;
        }
        page.append(
                String.format(
                        Locale.ROOT,
                        "The table of all %d labels would be too large to read: these are the %d"
                                + " most frequent of the %d pairs that were mistaken.</p>",
                        matrix.labels().size(),
                        Math.min(MOST_PAIRS, pairs.size()),
                        pairs.size()));
        page.append("<table class=\"scores pairs\"><thead><tr><th>label</th><th>taken for</th>")
                .append("<th>times</th><th>of</th></tr></thead><tbody>");
        pairs.stream()
                .limit(MOST_PAIRS)
                .forEach(
                        pair ->
                                page.append("<tr><th>")
                                        .append(Html.escape(pair.gold()))
                                        .append("</th><th>")
                                        .append(Html.escape(pair.predicted()))
                                        .append("</th><td>")
                                        .append(pair.count())
                                        .append("</td><td>")
                                        .append(pair.ofGold())
                                        .append("</td></tr>"));
        page.append("</tbody></table></section>\n");
    }

    private void cell(int count, int total, boolean right) {
        if (count == 0) {
            page.append("<td></td>");
            return;
        }
        page.append(
                String.format(
                        Locale.ROOT,
                        "<td class=\"%s\" style=\"--share:%.3f\">%d</td>",
                        right ? "right" : "wrong",
                        (double) count / total,
                        count));
    }
}
