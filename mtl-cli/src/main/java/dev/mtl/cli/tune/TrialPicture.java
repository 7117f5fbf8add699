package dev.mtl.cli.tune;

import dev.mtl.cli.tune.TrialLog.Trial;

import java.util.List;
import java.util.Locale;

/** The scores of trials over the values of each range, as SVG. */
final class TrialPicture {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 240;
    private static final int MARGIN = 48;

    private TrialPicture() {}

    /**
     * Draws a panel for each range whose values are numbers.
     *
     * @param logarithmic the paths of the ranges with a logarithmic axis
     */
    static String draw(List<String> paths, List<String> logarithmic, List<Trial> trials) {
        var panels = new StringBuilder();
        int count = 0;
        for (var path : paths) {
            var points = trials.stream().filter(trial -> isDrawn(trial, path)).toList();
            if (!points.isEmpty()) {
                panel(panels, path, logarithmic.contains(path), points, count++ * HEIGHT);
            }
        }
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" role=\"img\""
                        + " aria-label=\"Scores of the trials\" font-family=\"sans-serif\""
                        + " font-size=\"12\">\n<rect width=\"%1$d\" height=\"%2$d\""
                        + " fill=\"white\"/>\n%3$s</svg>\n",
                WIDTH,
                Math.max(1, count) * HEIGHT,
                panels);
    }

    private static boolean isDrawn(Trial trial, String path) {
        return !Double.isNaN(trial.score()) && !Double.isNaN(value(trial, path, false));
    }

    private static double value(Trial trial, String path, boolean logarithmic) {
        for (var set : trial.values()) {
            if (Trial.path(set).equals(path)) {
                try {
                    double value = Double.parseDouble(Trial.value(set));
                    return logarithmic ? Math.log10(value) : value;
                } catch (NumberFormatException e) {
                    return Double.NaN;
                }
            }
        }
        return Double.NaN;
    }

    private static void panel(
            StringBuilder out, String path, boolean logarithmic, List<Trial> trials, int top) {
        var x = trials.stream().mapToDouble(t -> value(t, path, logarithmic)).summaryStatistics();
        var y = trials.stream().mapToDouble(Trial::score).summaryStatistics();
        int bottom = top + HEIGHT - MARGIN;
        int right = WIDTH - MARGIN / 2;
        text(out, WIDTH / 2, top + HEIGHT - 10, "middle", path);
        text(out, MARGIN, bottom + 16, "start", label(x.getMin(), logarithmic));
        text(out, right, bottom + 16, "end", label(x.getMax(), logarithmic));
        text(out, MARGIN - 4, bottom, "end", label(y.getMin(), false));
        text(out, MARGIN - 4, top + MARGIN / 2 + 4, "end", label(y.getMax(), false));
        out.append(
                String.format(
                        Locale.ROOT,
                        "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#767676\"/>\n",
                        MARGIN,
                        top + MARGIN / 2,
                        bottom,
                        right));
        for (var trial : trials) {
            double share = share(value(trial, path, logarithmic), x.getMin(), x.getMax());
            double height = share(trial.score(), y.getMin(), y.getMax());
            out.append(
                    String.format(
                            Locale.ROOT,
                            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"#1f6f9f\""
                                    + " fill-opacity=\"0.7\"><title>trial %d: %s, score"
                                    + " %.4f</title></circle>\n",
                            MARGIN + share * (right - MARGIN),
                            bottom - height * (bottom - top - MARGIN / 2),
                            3 + 2 * trial.rung(),
                            trial.trial(),
                            label(value(trial, path, logarithmic), logarithmic),
                            trial.score()));
        }
    }

    private static double share(double value, double from, double to) {
        return from == to ? 0.5 : (value - from) / (to - from);
    }

    private static String label(double value, boolean logarithmic) {
        return String.format(Locale.ROOT, "%.3g", logarithmic ? Math.pow(10, value) : value);
    }

    private static void text(StringBuilder out, int x, int y, String anchor, String text) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"#333\">%s</text>\n",
                        x,
                        y,
                        anchor,
                        text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
