package dev.mtl.train.report;

import dev.mtl.train.report.History.Point;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Curves over steps as SVG. */
final class LineChart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 300;
    private static final int LEFT = 76;
    private static final int RIGHT = 14;
    private static final int RIGHT_OF_LABELS = 110;
    private static final int TOP = 12;
    private static final int BOTTOM = 44;

    /** No curve has more points: more cannot be told apart. */
    private static final int MOST_POINTS = 600;

    private static final double LABEL_HEIGHT = 13;

    private final StringBuilder svg = new StringBuilder();
    private final Axis x;
    private final Axis y;
    private final Palette palette;
    private final int right;

    /**
     * A range with round ticks.
     *
     * @param step between ticks
     */
    private record Axis(double from, double to, double step) {
        static Axis of(double least, double most) {
            // all the same: a range about it, from 0 to 1 if that is 0
            double span = most > least ? most - least : most == 0 ? 1 : Math.abs(most);
            double rough = span / 5;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step =
                    power
                            * (rough / power < 1.5
                                    ? 1
                                    : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
            double from = Math.floor(least / step) * step;
            double to = Math.ceil(most / step) * step;
            return new Axis(from, to > from ? to : from + step, step);
        }

        /** From 0, also where no step was done; half steps have no ticks. */
        static Axis ofSteps(double most) {
            var axis = of(0, Math.max(1, most));
            return new Axis(0, axis.to(), Math.max(1, axis.step()));
        }

        List<Double> ticks() {
            var ticks = new ArrayList<Double>();
            for (long i = Math.round(from / step); i * step <= to + step / 1e6; i++) {
                ticks.add(i * step);
            }
            return ticks;
        }
    }

    private LineChart(SequencedMap<String, List<Point>> series) {
        palette = new Palette(series.sequencedKeySet());
        right = palette.labelled() ? RIGHT_OF_LABELS : RIGHT;
        var points = series.values().stream().flatMap(List::stream).toList();
        x = Axis.ofSteps(points.stream().mapToDouble(Point::step).max().orElse(1));
        double least = points.stream().mapToDouble(Point::value).min().orElse(0);
        double most = points.stream().mapToDouble(Point::value).max().orElse(1);
        y = Axis.of(least >= 0 && least < 0.5 * most ? 0 : least, most);
    }

    /**
     * Draws.
     *
     * @param unit of the values, for the axis
     * @param series curves by name
     * @param mark a step to mark, 0 for none
     */
    static String draw(String unit, SequencedMap<String, List<Point>> series, int mark) {
        var chart = new LineChart(series);
        chart.frame(unit, mark);
        series.forEach(chart::curve);
        if (chart.palette.labelled()) {
            chart.labels(series);
        }
        chart.svg.append("</svg>");
        return chart.legend(series) + chart.svg;
    }

    private void frame(String unit, int mark) {
        add(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s over steps\">",
                        WIDTH,
                        HEIGHT,
                        Html.escape(unit)));
        for (double tick : y.ticks()) {
            add(
                    String.format(
                            Locale.ROOT,
                            "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\""
                                    + " y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\""
                                    + " text-anchor=\"end\">%s</text>",
                            LEFT,
                            WIDTH - right,
                            down(tick),
                            down(tick),
                            LEFT - 8,
                            down(tick) + 4,
                            number(tick)));
        }
        for (double tick : x.ticks()) {
            add(
                    String.format(
                            Locale.ROOT,
                            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                            across(tick),
                            HEIGHT - BOTTOM + 18,
                            number(tick)));
        }
        add(
                String.format(
                        Locale.ROOT,
                        "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>",
                        (LEFT + WIDTH - right) / 2,
                        HEIGHT - 8));
        add(
                String.format(
                        Locale.ROOT,
                        "<text class=\"axis\" transform=\"translate(14 %d) rotate(-90)\""
                                + " text-anchor=\"middle\">%s</text>",
                        (TOP + HEIGHT - BOTTOM) / 2,
                        Html.escape(unit)));
        if (mark > 0) {
            add(
                    String.format(
                            Locale.ROOT,
                            "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\""
                                    + " y2=\"%d\"><title>best model, step %d</title></line>",
                            across(mark),
                            across(mark),
                            TOP,
                            HEIGHT - BOTTOM,
                            mark));
        }
    }

    private void curve(String name, List<Point> points) {
        if (points.isEmpty()) {
            return;
        }
        var colour = palette.colour(name);
        var shown = thinned(points);
        var path = new StringBuilder();
        for (var point : shown) {
            path.append(path.isEmpty() ? "M" : "L")
                    .append(
                            String.format(
                                    Locale.ROOT,
                                    "%.1f %.1f",
                                    across(point.step()),
                                    down(point.value())));
        }
        add(
                String.format(
                        Locale.ROOT,
                        "<path class=\"curve\" style=\"stroke: %s\""
                                + " d=\"%s\"><title>%s</title></path>",
                        colour,
                        path,
                        Html.escape(name)));
        if (shown.size() <= 40) {
            for (var point : shown) {
                add(
                        String.format(
                                Locale.ROOT,
                                "<circle style=\"fill: %s\" cx=\"%.1f\" cy=\"%.1f\""
                                        + " r=\"3\"><title>%s, step %.0f: %s</title></circle>",
                                colour,
                                across(point.step()),
                                down(point.value()),
                                Html.escape(name),
                                point.step(),
                                number(point.value())));
            }
        }
    }

    /** The name of each curve behind its end, from above; one below the other where they meet. */
    private void labels(SequencedMap<String, List<Point>> series) {
        var ends =
                series.entrySet().stream()
                        .filter(curve -> !curve.getValue().isEmpty())
                        .sorted(
                                Comparator.comparingDouble(
                                        curve -> down(curve.getValue().getLast().value())))
                        .toList();
        double height =
                Math.min(LABEL_HEIGHT, (double) (HEIGHT - BOTTOM - TOP) / Math.max(1, ends.size()));
        // the lowest must still be above the axis, and with it those before
        double last = HEIGHT - BOTTOM;
        var places = new double[ends.size()];
        for (int i = ends.size() - 1; i >= 0; i--) {
            places[i] = Math.min(down(ends.get(i).getValue().getLast().value()) + 4, last);
            last = places[i] - height;
        }
        double least = TOP;
        for (int i = 0; i < places.length; i++) {
            var name = ends.get(i).getKey();
            double place = Math.max(places[i], least);
            least = place + height;
            add(
                    String.format(
                            Locale.ROOT,
                            "<text x=\"%d\" y=\"%.1f\" style=\"fill: %s;"
                                    + " font-size: %.1fpx\">%s</text>",
                            WIDTH - right + 6,
                            place,
                            palette.colour(name),
                            height - 1,
                            Html.escape(name)));
        }
    }

    /** Means of neighbours where there are too many. */
    private static List<Point> thinned(List<Point> points) {
        if (points.size() <= MOST_POINTS) {
            return points;
        }
        var means = new ArrayList<Point>();
        for (int i = 0; i < MOST_POINTS; i++) {
            var part =
                    points.subList(
                            (int) ((long) points.size() * i / MOST_POINTS),
                            (int) ((long) points.size() * (i + 1) / MOST_POINTS));
            means.add(
                    new Point(
                            part.getLast().step(),
                            part.stream().mapToDouble(Point::value).average().orElse(0)));
        }
        return means;
    }

    private String legend(Map<String, List<Point>> series) {
        if (series.size() < 2) {
            return "";
        }
        var legend = new StringBuilder("<p class=\"legend\">");
        for (var name : series.keySet()) {
            legend.append("<span><i style=\"background: ")
                    .append(palette.colour(name))
                    .append("\"></i>")
                    .append(Html.escape(name))
                    .append("</span>");
        }
        return legend.append("</p>").toString();
    }

    private double across(double step) {
        return LEFT + (step - x.from()) / (x.to() - x.from()) * (WIDTH - LEFT - right);
    }

    private double down(double value) {
        return HEIGHT - BOTTOM - (value - y.from()) / (y.to() - y.from()) * (HEIGHT - TOP - BOTTOM);
    }

    /** A figure as short as it is exact enough. */
    static String number(double value) {
        double size = Math.abs(value);
        if (value == 0) {
            return "0";
        }
        if (size < 1e-3 || size >= 1e6) {
            return String.format(Locale.ROOT, "%.3g", value).replaceFirst("\\.?0+(?=e|$)", "");
        }
        var text =
                String.format(
                        Locale.ROOT, size < 10 ? "%.4f" : size < 1000 ? "%.2f" : "%.0f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }

    private void add(String text) {
        svg.append(text).append('\n');
    }
}
