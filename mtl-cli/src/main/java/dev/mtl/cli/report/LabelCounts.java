package dev.mtl.cli.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How often labels occur, as lines of text: of many, the most and the least frequent. */
public final class LabelCounts {
    /** As many labels are all listed. */
    private static final int ALL = 20;

    /** As many are listed at each end. */
    private static final int EXTREMES = 5;

    private LabelCounts() {}

    /**
     * The lines.
     *
     * @param all whether to list all labels, however many there are
     */
    public static List<String> lines(Map<String, Integer> counts, boolean all) {
        if (all || counts.size() <= ALL) {
            return counts.entrySet().stream().map(LabelCounts::line).toList();
        }
        var sorted =
                counts.entrySet().stream()
                        .sorted(
                                Comparator.comparingInt(
                                                (Map.Entry<String, Integer> entry) ->
                                                        -entry.getValue())
                                        .thenComparing(Map.Entry::getKey))
                        .toList();
        int last = sorted.size() - EXTREMES;
        var lines = new ArrayList<String>();
        sorted.subList(0, EXTREMES).forEach(entry -> lines.add(line(entry)));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "      ... %d labels with %d to %d each; --all lists them",
                        last - EXTREMES,
                        sorted.get(last - 1).getValue(),
                        sorted.get(EXTREMES).getValue()));
        sorted.subList(last, sorted.size()).forEach(entry -> lines.add(line(entry)));
        return lines;
    }

    private static String line(Map.Entry<String, Integer> entry) {
        return String.format(Locale.ROOT, "  %7d %s", entry.getValue(), entry.getKey());
    }
}
