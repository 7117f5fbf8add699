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

    /** The records of an open file, for one thread. */
    interface Records extends AutoCloseable {
        /**
         * The next record.
         *
         * @return null if there are no more
         * @throws dev.mtl.core.MtlException if the file cannot be read, or has no row at all
         */
        @Nullable RawRecord next();

        /** What a column holds, if the configuration does not say it. */
        Kind kind(DataColumn column);

        @Override
        void close();
    }

    /** A record whose fields are still to be read, on any thread. */
    interface RawRecord {
        /**
         * Reads the fields.
         *
         * @throws BadRowException if they cannot be read
         */
        Fields fields();

        /**
         * All fields of the record, those that nobody named too.
         *
         * @throws BadRowException if they cannot be read
         */
        default SequencedMap<String, @Nullable Object> all() {
            return fields().all();
        }
    }
}
