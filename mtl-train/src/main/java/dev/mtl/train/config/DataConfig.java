package dev.mtl.train.config;

import org.jspecify.annotations.Nullable;

/**
 * Where a task's examples are.
 *
 * @param format of the files: {@code jointbert}
 * @param train what the task learns from
 * @param validation what the best model is chosen by; null for none
 * @param test what {@code mtl evaluate --split test} scores; null for none
 * @param column which part of a row is the task's: {@code label} or {@code seq.out}
 * @param onBadRow whether a row that cannot be read ends the run or is left out and counted
 */
public record DataConfig(
        String format,
        String train,
        @Nullable String validation,
        @Nullable String test,
        String column,
        OnBadRow onBadRow) {
    static final DataConfig DEFAULTS =
            new DataConfig("jointbert", "", null, null, "label", OnBadRow.FAIL);

    /** What happens at a row that cannot be read. */
    public enum OnBadRow {
        FAIL,
        SKIP
    }

    /** The file of a split, null if the configuration names none. */
    public @Nullable String file(Split split) {
        return switch (split) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }

    /** The parts that a data set is split into. */
    public enum Split {
        TRAIN,
        VALIDATION,
        TEST
    }
}
