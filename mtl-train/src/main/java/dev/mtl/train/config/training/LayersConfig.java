package dev.mtl.train.config.training;

import java.util.regex.Pattern;

/**
 * Which encoder layers are frozen, numbered from 1 at the bottom. Together the ranges cover layer 1
 * to the last without gaps; a range that is not given is empty.
 *
 * @param frozen layers that never train, nor do the embeddings below them
 * @param gradual layers that are unfrozen one after the other, from the top
 * @param always layers that train from the first step on
 */
public record LayersConfig(String frozen, String gradual, String always) {
    static final LayersConfig NONE = new LayersConfig("", "", "");

    private static final Pattern FORM = Pattern.compile("(\\d{1,4})(?: *- *(\\d{1,4}))?");

    /**
     * A range of layers.
     *
     * @param first from 1
     * @param last inclusive; {@code first - 1} for an empty range
     */
    public record Range(int first, int last) {
        public int count() {
            return last - first + 1;
        }
    }

    public LayersConfig {
        parse("frozen", frozen, 1);
        parse("gradual", gradual, 1);
        parse("always", always, 1);
    }

    /** The frozen layers. */
    public Range frozenRange() {
        return parse("frozen", frozen, 1);
    }

    /** The layers that join one after the other, above the frozen ones. */
    public Range gradualRange() {
        return parse("gradual", gradual, frozenRange().last() + 1);
    }

    /** The layers that always train. */
    public Range alwaysRange() {
        return parse("always", always, gradualRange().last() + 1);
    }

    /**
     * Checks that the ranges cover a model's layers.
     *
     * @param layers the number of layers of the model
     * @throws IllegalArgumentException if a layer is missing or named twice
     */
    public void requireFit(int layers) {
        int next = 1;
        for (var range : new Range[] {frozenRange(), gradualRange(), alwaysRange()}) {
            if (range.first() != next) {
                throw new IllegalArgumentException(
                        describe(layers)
                                + "layer "
                                + Math.min(next, range.first())
                                + (range.first() < next ? " is named twice" : " is left out"));
            }
            next = range.last() + 1;
        }
        if (next != layers + 1) {
            throw new IllegalArgumentException(
                    describe(layers)
                            + (next <= layers
                                    ? "layer " + next + " is left out"
                                    : "there is no layer " + (next - 1)));
        }
    }

    private String describe(int layers) {
        return "the model has the layers 1-"
                + layers
                + ", and {frozen: "
                + frozen
                + ", gradual: "
                + gradual
                + ", always: "
                + always
                + "} does not name each of them once, from below: ";
    }

    private static Range parse(String key, String text, int next) {
        if (text.isBlank()) {
            return new Range(next, next - 1);
        }
        var match = FORM.matcher(text.strip());
        if (match.matches()) {
            int first = Integer.parseInt(match.group(1));
            int last = match.group(2) == null ? first : Integer.parseInt(match.group(2));
            if (first >= 1 && last >= first) {
                return new Range(first, last);
            }
        }
        throw new IllegalArgumentException(
                key + " is '" + text + "', it takes a range of layers from below, such as 1-4");
    }
}
