package dev.mtl.train.data;

/** What messages show of data: a line of a million characters would bury what they say. */
final class Abbreviated {
    private static final int LONGEST = 60;

    private Abbreviated() {}

    static String of(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
