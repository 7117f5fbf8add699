package dev.mtl.train.format;

import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a task learns from a row.
 *
 * @param name of the column
 * @param kind what the column holds; null if the format decides
 * @param labelSeparator separates the labels of one field; null if a field is one label
 * @param names of the labels that the column has as numbers, from 0; empty if it has none
 * @param offsets how the entities of the column are placed
 * @param train the training data, which may show the kind where another split does not
 * @param raw whether the task reads the field itself: its target is a {@link FieldValue}
 */
public record DataColumn(
        String name,
        @Nullable Kind kind,
        @Nullable String labelSeparator,
        List<String> names,
        EntityOffsets offsets,
        @Nullable String train,
        boolean raw) {
    public DataColumn {
        names = List.copyOf(names);
    }

    /** A column about which the configuration says no more than its name. */
    public static DataColumn of(String name) {
        return new DataColumn(name, null, null, List.of(), EntityOffsets.DEFAULTS, null, false);
    }

    /** The same column with names for its numbers. */
    public DataColumn withNames(List<String> others) {
        return new DataColumn(name, kind, labelSeparator, others, offsets, train, raw);
    }

    /** The same column for a task that reads its field itself. */
    public DataColumn asRaw() {
        return new DataColumn(name, kind, labelSeparator, names, offsets, train, true);
    }

    /**
     * The label that a number stands for.
     *
     * @throws IllegalArgumentException if there is no such name
     */
    public String label(long number) {
        if (number < 0 || number >= names.size()) {
            throw new IllegalArgumentException(
                    "has the number "
                            + number
                            + ", 'names' has "
                            + names.size()
                            + " labels, from 0"
                            + (number == -1 ? "; -1 stands for no label" : ""));
        }
        return names.get((int) number);
    }
}
