package dev.mtl.cli.report;

import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.run.Bootstrap.Difference;
import dev.mtl.train.run.Bootstrap.Interval;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints an evaluation for people: the scores, then a table of labels for each task. */
public final class EvaluationText {
    /** The most pairs of confused labels of a task. */
    private static final int MOST_CONFUSED = 10;

    private final EvaluationReport report;
    private final List<String> lines = new ArrayList<>();

    private EvaluationText(EvaluationReport report) {
        this.report = report;
    }

    /** The lines to print. */
    public static List<String> lines(EvaluationReport report) {
        var text = new EvaluationText(report);
        text.scores();
        text.intervals();
        text.differences();
        report.evaluation().details().forEach(text::labels);
        return text.lines;
    }

    private void scores() {
        var evaluation = report.evaluation();
        lines.add(
                Scores.toText(evaluation)
                        + " ("
                        + evaluation.rows()
                        + " texts"
                        + (report.skipped() > 0 ? ", " + report.skipped() + " skipped" : "")
                        + ")");
    }

    private void intervals() {
        var intervals = report.intervals();
        if (intervals == null) {
            return;
        }
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s%% confidence intervals (bootstrap, %d samples):",
                        percent(report.bootstrap().confidence()),
                        report.bootstrap().resamples()));
        intervals
                .tasks()
                .forEach(
                        (task, scores) ->
                                scores.forEach(
                                        (name, own) ->
                                                lines.add("  " + task + " " + name + shown(own))));
        intervals.jointAccuracy().ifPresent(joint -> lines.add("  joint accuracy" + shown(joint)));
    }

    private static String percent(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString();
    }

    private static String shown(Interval interval) {
        return String.format(Locale.ROOT, " %.4f to %.4f", interval.low(), interval.high());
    }

    private void differences() {
        var differences = report.differences();
        if (differences == null) {
            return;
        }
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "differences to the other model (paired bootstrap, %d samples):",
                        report.bootstrap().resamples()));
        differences
                .tasks()
                .forEach(
                        (task, scores) ->
                                scores.forEach(
                                        (name, own) ->
                                                lines.add("  " + task + " " + name + shown(own))));
        differences
                .jointAccuracy()
                .ifPresent(joint -> lines.add("  joint accuracy" + shown(joint)));
    }

    private static String shown(Difference difference) {
        return String.format(Locale.ROOT, " %+.4f, p = %.4f,", difference.value(), difference.p())
                + shown(difference.interval());
    }

    private void labels(String task, Evaluation.Details details) {
        if (details.byLabel().isEmpty()) {
            return;
        }
        var columns = new LinkedHashSet<String>();
        details.byLabel().values().forEach(scores -> columns.addAll(scores.keySet()));
        int width = details.byLabel().keySet().stream().mapToInt(String::length).max().orElse(0);
        width = Math.max(width, "macro mean".length());
        lines.add("");
        lines.add(task + ":");
        var head = new StringBuilder(String.format(Locale.ROOT, "  %-" + width + "s", "label"));
        columns.forEach(column -> head.append(String.format(Locale.ROOT, " %10s", column)));
        lines.add(head.toString());
        for (var label : details.byLabel().entrySet()) {
            row(label.getKey(), label.getValue(), columns, width);
        }
        if (!details.micro().isEmpty()) {
            row("micro mean", details.micro(), columns, width);
            row("macro mean", details.macro(), columns, width);
        }
        details.confusion()
                .map(EvaluationReport::confused)
                .filter(pairs -> !pairs.isEmpty())
                .ifPresent(
                        pairs -> {
                            lines.add("  most frequent confusions:");
                            pairs.stream().limit(MOST_CONFUSED).forEach(this::confused);
                        });
    }

    private void confused(EvaluationReport.Confused pair) {
        lines.add(
                String.format(
                        Locale.ROOT,
                        "  %6d  %s taken for %s",
                        pair.count(),
                        pair.gold(),
                        pair.predicted()));
    }

    private void row(
            String name, Map<String, Double> scores, Collection<String> columns, int width) {
        var line = new StringBuilder(String.format(Locale.ROOT, "  %-" + width + "s", name));
        for (var column : columns) {
            var value = scores.get(column);
            line.append(
                    value == null
                            ? " ".repeat(11)
                            : isCount(column)
                                    ? String.format(Locale.ROOT, " %10.0f", value)
                                    : String.format(Locale.ROOT, " %10.4f", value));
        }
        lines.add(line.toString().stripTrailing());
    }

    private static boolean isCount(String column) {
        return column.equals("support") || column.equals("predicted");
    }
}
