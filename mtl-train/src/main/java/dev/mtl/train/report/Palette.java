package dev.mtl.train.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Distinct colours for the curves of a chart: the first eight are those of the style sheet, further
 * ones are spread around the colour circle; the layers of a network are a ramp between two hues.
 */
final class Palette {
    /** Number of colours in the style sheet: {@code --c0} to {@code --c7}. */
    private static final int STYLED = 8;

    private static final int[] WARM_FIRST = {1, 6, 4, 7, 2, 5, 3, 0};

    private static final int LOWEST_HUE = 265;
    private static final int HIGHEST_HUE = 150;

    /** The golden angle, which keeps any number of hues apart. */
    private static final double GOLDEN = 137.508;

    private final Map<String, String> colours = new LinkedHashMap<>();
    private final boolean labelled;

    Palette(Collection<String> names) {
        var layers = names.stream().filter(name -> name.matches("layer \\d+")).toList();
        // A legend of this many entries is hard to match: curves are labelled directly.
        labelled = names.size() > STYLED || layers.size() > 2;
        int others = 0;
        for (var name : names) {
            int layer = layers.indexOf(name);
            if (layer >= 0 && layers.size() > 2) {
                colours.put(name, ramp(layer, layers));
            } else {
                colours.put(name, others < STYLED ? styled(others, labelled) : around(others));
                others++;
            }
        }
    }

    /** Beside the ramp of the layers, from violet to green, warm colours come first. */
    private static String styled(int index, boolean ramp) {
        return "var(--c%d)".formatted(ramp ? WARM_FIRST[index] : index);
    }

    private static String ramp(int layer, List<String> layers) {
        double share = layer / (layers.size() - 1.0);
        return hue(
                LOWEST_HUE + share * (HIGHEST_HUE - LOWEST_HUE), 45 - 20 * share, 78 - 18 * share);
    }

    private static String around(int index) {
        return hue(index * GOLDEN % 360, 28, 74);
    }

    /**
     * A colour that has a contrast of 4.5 on either background, since names are written in it.
     *
     * @param onLight lightness on a light background, in percent
     * @param onDark on a dark one
     */
    private static String hue(double hue, double onLight, double onDark) {
        return String.format(
                Locale.ROOT,
                "light-dark(hsl(%.0f 65%% %.0f%%), hsl(%.0f 75%% %.0f%%))",
                hue,
                onLight,
                hue,
                onDark);
    }

    /** Whether there are so many curves that each needs its name next to it. */
    boolean labelled() {
        return labelled;
    }

    /** A CSS colour. */
    String colour(String name) {
        return Objects.requireNonNull(colours.get(name));
    }
}
