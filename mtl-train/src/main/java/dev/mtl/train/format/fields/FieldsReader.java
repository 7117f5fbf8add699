package dev.mtl.train.format.fields;

import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/** Reads files whose records have fields; what they mean is {@link FieldsFormat}'s. */
public interface FieldsReader {
    /**
     * Opens a file.
     *
     * @param texts the columns of an example's texts
     * @param columns those that tasks learn
     * @throws dev.mtl.core.MtlException if it is missing or empty, or lacks a column
     */
    Records open(Path path, List<String> texts, List<DataColumn> columns);

    /** The records of a file. */
    interface Records {
        int size();

        /**
         * Reads a record.
         *
         * @param index from 0
         * @throws BadRowException if it cannot be read
         */
        Fields fields(int index);

        /**
         * All fields of a record, those that nobody named too.
         *
         * @throws BadRowException if it cannot be read
         */
        default SequencedMap<String, @Nullable Object> all(int index) {
            return fields(index).all();
        }

        /** What a column holds, if the configuration does not say it. */
        Kind kind(DataColumn column);
    }
}
