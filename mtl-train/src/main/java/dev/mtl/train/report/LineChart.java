package dev.mtl.train.report;

import dev.mtl.train.report.History.Point;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Curves over training steps as SVG: the coordinates for {@code chart.html}, its template. */
final class LineChart {
    private static final Template CHART = Template.parse(Template.resource("chart.html").strip());

    private static final int WIDTH = 600;
    private static final int HEIGHT = 280;
    private static final int LEFT = 76;
    private static final int RIGHT_MARGIN = 14;
    private static final int RIGHT_MARGIN_OF_LABELS = 110;
    private static final int TOP = 12;
    private static final int BOTTOM = HEIGHT - 44;

    /** More points than this cannot be told apart. */
    private static final int MOST_POINTS = 600;

    /** Curves of more points have no circles at them. */
    private static final int MOST_CIRCLES = 40;

    private static final double LABEL_HEIGHT = 13;

    private final SequencedMap<String, List<Point>> curves;
    private final ChartAxis steps;
    private final ChartAxis values;
    private final Palette palette;
    private final int right;

    private LineChart(SequencedMap<String, List<Point>> curves) {
        this.curves = curves;
        palette = new Palette(curves.sequencedKeySet());
        right = WIDTH - (palette.labelled() ? RIGHT_MARGIN_OF_LABELS : RIGHT_MARGIN);
        var points = curves.values().stream().flatMap(List::stream).toList();
        steps = ChartAxis.ofSteps(points.stream().mapToDouble(Point::step).max().orElse(1));
        double min = points.stream().mapToDouble(Point::value).min().orElse(0);
        double max = points.stream().mapToDouble(Point::value).max().orElse(1);
        values = ChartAxis.of(min >= 0 && min < 0.5 * max ? 0 : min, max);
    }

    /**
     * Draws a chart.
     *
     * @param label what it shows, for those who cannot see it
     * @param unit of the values, the title of their axis
     * @param curves by name
     * @param bestStep the step to mark, 0 for none
     */
    static String draw(
            String label, String unit, SequencedMap<String, List<Point>> curves, int bestStep) {
        var values = new LineChart(curves).template(unit, bestStep);
        values.put("label", label);
        return CHART.render(values);
    }

    private Map<String, Object> template(String unit, int bestStep) {
        var template = new HashMap<String, Object>();
        template.put("kind", palette.labelled() ? "labelled" : "plain");
        template.put("unit", unit);
        template.put("width", WIDTH);
        template.put("height", HEIGHT);
        template.put("left", LEFT);
        template.put("right", right);
        template.put("top", TOP);
        template.put("bottom", BOTTOM);
        template.put("centerX", (LEFT + right) / 2);
        template.put("centerY", (TOP + BOTTOM) / 2);
        template.put("stepTitleY", HEIGHT - 8);
        template.put("labelX", right + 6);
        template.put("legend", legend());
        template.put("valueTicks", values.ticks().stream().map(this::valueTick).toList());
        template.put("stepTicks", steps.ticks().stream().map(this::stepTick).toList());
        template.put(
                "bestStep",
                bestStep == 0 ? List.of() : List.of(Map.of("x", x(bestStep), "step", bestStep)));
        template.put(
                "curves",
                curves.entrySet().stream()
                        .filter(curve -> !curve.getValue().isEmpty())
                        .map(curve -> curve(curve.getKey(), thinned(curve.getValue())))
                        .toList());
        template.put("curveLabels", palette.labelled() ? labels() : List.of());
        return template;
    }

    private List<Map<String, Object>> legend() {
        if (curves.size() < 2 || palette.labelled()) {
            return List.of();
        }
        var entries =
                curves.keySet().stream()
                        .map(name -> Map.of("name", name, "colour", palette.colour(name)))
                        .toList();
        return List.of(Map.of("entries", entries));
    }

    private Map<String, Object> valueTick(double value) {
        return Map.of(
                "y",
                decimal(y(value)),
                "textX",
                LEFT - 8,
                "textY",
                decimal(y(value) + 4),
                "label",
                number(value));
    }

    private Map<String, Object> stepTick(double step) {
        return Map.of("x", x(step), "textY", BOTTOM + 18, "label", number(step));
    }

    private Map<String, Object> curve(String name, List<Point> points) {
        var path = new StringBuilder();
        for (var point : points) {
            path.append(path.isEmpty() ? "M" : "L")
                    .append(x(point.step()))
                    .append(' ')
                    .append(decimal(y(point.value())));
        }
        var circles = new ArrayList<Map<String, Object>>();
        if (points.size() <= MOST_CIRCLES) {
            for (var point : points) {
                circles.add(
                        Map.of(
                                "x", x(point.step()),
                                "y", decimal(y(point.value())),
                                "step", String.format(Locale.ROOT, "%.0f", point.step()),
                                "value", number(point.value())));
            }
        }
        return Map.of(
                "name",
                name,
                "colour",
                palette.colour(name),
                "path",
                path.toString(),
                "points",
                circles);
    }

    /** The names of the curves at their right ends, moved apart where they would overlap. */
    private List<Map<String, Object>> labels() {
        var ends =
                curves.entrySet().stream()
                        .filter(curve -> !curve.getValue().isEmpty())
                        .sorted(
                                Comparator.comparingDouble(
                                        curve -> y(curve.getValue().getLast().value())))
                        .toList();
        double height = Math.min(LABEL_HEIGHT, (double) (BOTTOM - TOP) / Math.max(1, ends.size()));
        // From below: no label lies below the axis, and each one is above the next.
        double limit = BOTTOM;
        var places = new double[ends.size()];
        for (int i = ends.size() - 1; i >= 0; i--) {
            places[i] = Math.min(y(ends.get(i).getValue().getLast().value()) + 4, limit);
            limit = places[i] - height;
        }
        // From above: none lies above the chart.
        var labels = new ArrayList<Map<String, Object>>();
        double least = TOP;
        for (int i = 0; i < places.length; i++) {
            var name = ends.get(i).getKey();
            double place = Math.max(places[i], least);
            least = place + height;
            labels.add(
                    Map.of(
                            "name", name,
                            "colour", palette.colour(name),
                            "y", decimal(place),
                            "size", decimal(height - 1)));
        }
        return labels;
    }

    /** Averages neighbours where there are more points than can be told apart. */
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

    private String x(double step) {
        return decimal(LEFT + steps.share(step) * (right - LEFT));
    }

    private double y(double value) {
        return BOTTOM - values.share(value) * (BOTTOM - TOP);
    }

    private static String decimal(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }

    /** A number with few digits: at most four decimals, an exponent where it is tiny or huge. */
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
}
