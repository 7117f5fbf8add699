package dev.mtl.heads;

/** Checks that settings of several heads share. */
public final class HeadSettings {
    private HeadSettings() {}

    /** Rejects a dropout probability outside of [0, 1). */
    public static void checkDropout(double dropout) {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", it must be in [0, 1)");
        }
    }
}
