package dev.mtl.heads;

import org.jspecify.annotations.Nullable;

/** Checks of settings that several heads have. */
public final class HeadSettings {
    private HeadSettings() {}

    /** Rejects a dropout probability outside of [0, 1). */
    public static void checkDropout(double dropout) {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", it must be in [0, 1)");
        }
    }

    /** Rejects a label smoothing outside of [0, 1). */
    public static void checkLabelSmoothing(double labelSmoothing) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "label_smoothing is " + labelSmoothing + ", it must be in [0, 1)");
        }
    }

    /** Rejects a temperature that is not positive. */
    public static void checkTemperature(@Nullable Double temperature) {
        if (temperature != null && (!(temperature > 0) || temperature.isInfinite())) {
            throw new IllegalArgumentException(
                    "temperature is " + temperature + ", it must be above 0 and finite");
        }
    }
}
