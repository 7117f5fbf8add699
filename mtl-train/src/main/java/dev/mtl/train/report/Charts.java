package dev.mtl.train.report;

import dev.mtl.train.report.History.Point;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;

/** The charts of a section, for the template; a chart of single points is a sentence instead. */
final class Charts {
    private final int bestStep;
    private final String owner;
    private final List<Map<String, Object>> drawn = new ArrayList<>();
    private final List<Map<String, Object>> told = new ArrayList<>();

    /**
     * No charts yet.
     *
     * @param owner whose they are, for screen readers; empty if they are of the whole run
     * @param bestStep the step to mark, 0 for none
     */
    Charts(String owner, int bestStep) {
        this.owner = owner.isEmpty() ? "" : owner + ", ";
        this.bestStep = bestStep;
    }

    /** Adds a chart, unless there are no points. */
    Charts add(String heading, String unit, SequencedMap<String, List<Point>> curves) {
        if (curves.values().stream().anyMatch(points -> points.size() > 1)) {
            drawn.add(
                    Map.of(
                            "heading",
                            heading,
                            "label",
                            owner + heading,
                            "chart",
                            LineChart.draw(owner + heading, unit, curves, bestStep)));
        } else if (!curves.values().stream().allMatch(List::isEmpty)) {
            told.add(Map.of("heading", heading, "values", told(curves)));
        }
        return this;
    }

    private static String told(SequencedMap<String, List<Point>> curves) {
        var values = new ArrayList<String>();
        var steps = new TreeSet<String>();
        curves.forEach(
                (name, points) ->
                        points.forEach(
                                point -> {
                                    values.add(name + " " + LineChart.number(point.value()));
                                    steps.add(String.format(Locale.ROOT, "%.0f", point.step()));
                                }));
        return String.join(", ", values) + " at step " + String.join(", ", steps);
    }

    List<Map<String, Object>> drawn() {
        return drawn;
    }

    List<Map<String, Object>> told() {
        return told;
    }
}
