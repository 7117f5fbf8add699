package dev.mtl.train.data;

/** What messages show of data: a line of a million characters would bury what they say. */
final class Shown {
    private static final int LONGEST = 60;

    private Shown() {}

    static String of(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
