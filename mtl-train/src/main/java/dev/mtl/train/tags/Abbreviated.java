package dev.mtl.train.tags;

/** Shortens data that messages quote: a line may have a million characters. */
public final class Abbreviated {
    private static final int LONGEST = 60;

    private Abbreviated() {}

    public static String of(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
