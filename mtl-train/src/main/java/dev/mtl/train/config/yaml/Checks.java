package dev.mtl.train.config.yaml;

/** Checks that values are within bounds; messages name the key as in YAML. */
public final class Checks {
    private Checks() {}

    public static void atLeast(String key, double value, double least) {
        if (!(value >= least) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    key
                            + " is "
                            + plain(value)
                            + ", it must be "
                            + (value > least ? "finite" : "at least " + plain(least)));
        }
    }

    public static void positive(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    key
                            + " is "
                            + plain(value)
                            + ", it must be "
                            + (value > 0 ? "finite" : "above 0"));
        }
    }

    /** {@code from <= value < to}. */
    public static void within(String key, double value, double from, double to) {
        if (!(value >= from && value < to)) {
            throw new IllegalArgumentException(
                    key
                            + " is "
                            + plain(value)
                            + ", it must be in ["
                            + plain(from)
                            + ", "
                            + plain(to)
                            + ")");
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
