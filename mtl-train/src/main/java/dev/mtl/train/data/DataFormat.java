package dev.mtl.train.data;

import dev.mtl.core.head.Target;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A layout of labelled data in files. */
public interface DataFormat {
    /** As YAML names it. */
    String name();

    /** The columns that a {@link Row} can give. */
    List<String> columns();

    /**
     * Opens a data set.
     *
     * @param columns those that tasks use
     * @throws dev.mtl.core.MtlException if files are missing, empty or do not fit together; names
     *     file and line
     */
    Rows open(Path path, List<String> columns);

    /** The rows of an open data set. */
    interface Rows {
        int size();

        /**
         * Reads a row.
         *
         * @param index from 0
         * @throws BadRowException if it cannot be read
         */
        Row row(int index);
    }

    /**
     * A row.
     *
     * @param words of its text
     * @param targets by column
     */
    record Row(List<String> words, Map<String, Target> targets) {}

    /** The format of a name, null if there is none. */
    static @Nullable DataFormat named(String name) {
        return all().stream().filter(format -> format.name().equals(name)).findFirst().orElse(null);
    }

    /** All formats. */
    static List<DataFormat> all() {
        return List.of(new JointBertFormat());
    }
}
