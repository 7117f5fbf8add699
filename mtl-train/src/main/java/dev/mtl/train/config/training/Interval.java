package dev.mtl.train.config.training;

import java.util.regex.Pattern;

/**
 * How often something happens: {@code 1 epoch}, {@code 200 steps}.
 *
 * @param count at least 1
 */
public record Interval(int count, Unit unit) {
    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,8}) +(epoch|step)s?");

    /** What is counted. */
    public enum Unit {
        EPOCH,
        STEP
    }

    /**
     * Reads an interval.
     *
     * @param key for the message
     * @throws IllegalArgumentException if the text is not an interval
     */
    public static Interval parse(String key, String text) {
        var match = FORM.matcher(text.strip());
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    key
                            + " is '"
                            + text
                            + "', it takes a number of epochs or steps: 1 epoch, 200 steps");
        }
        return new Interval(
                Integer.parseInt(match.group(1)),
                match.group(2).equals("epoch") ? Unit.EPOCH : Unit.STEP);
    }

    /**
     * The interval in optimizer steps, at most {@code Integer.MAX_VALUE}, which is never reached.
     */
    public int steps(int stepsPerEpoch) {
        return unit == Unit.EPOCH
                ? (int) Math.min(Integer.MAX_VALUE, (long) count * stepsPerEpoch)
                : count;
    }

    @Override
    public String toString() {
        return count + (unit == Unit.EPOCH ? " epoch" : " step") + (count == 1 ? "" : "s");
    }
}
