package dev.mtl.cli.init;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** What the values of a column look like. */
final class Column {
    /** Labels have at most this share of different values. */
    private static final double MOST_DIFFERENT = 0.2;

    private static final int MOST_LABELS = 500;

    private final List<String> values = new ArrayList<>();

    void add(String value) {
        values.add(value);
    }

    /** The mean number of characters. */
    double length() {
        return values.stream().mapToInt(String::length).average().orElse(0);
    }

    /** Whether values have several words. */
    boolean isText() {
        return values.stream().filter(value -> value.strip().contains(" ")).count()
                >= 0.5 * values.size();
    }

    boolean isNumbers() {
        return values.stream().allMatch(value -> value.matches("[-+]?[0-9]*\\.?[0-9]+"));
    }

    /** Numbers with fractions: a label would hardly have them. */
    boolean isMeasured() {
        return isNumbers() && values.stream().anyMatch(value -> value.contains("."));
    }

    /** A few whole numbers, such as 0 and 1. */
    boolean isGrades() {
        return isNumbers() && isLabels() && new HashSet<>(values).size() <= 11;
    }

    /** Whether few different values come again and again. */
    boolean isLabels() {
        int different = new HashSet<>(values).size();
        return different >= 2
                && different <= MOST_LABELS
                && different <= Math.max(10, MOST_DIFFERENT * values.size())
                && different < values.size()
                && values.stream().noneMatch(String::isBlank);
    }
}
