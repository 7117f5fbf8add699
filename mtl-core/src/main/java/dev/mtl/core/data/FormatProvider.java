package dev.mtl.core.data;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A format of data files; found through {@link java.util.ServiceLoader} by a service file {@code
 * META-INF/services/dev.mtl.core.data.FormatProvider}. A row has named fields, as a line of JSON
 * lines has: all keys of the format {@code jsonl}, such as {@code text_column} and {@code kind},
 * say what they mean. Every head can learn from such files, in memory and streamed.
 *
 * @param <P> the format's own settings: a record whose components are the keys that {@code data} of
 *     a task may have besides, in snake case. Its constructor rejects bad values by an {@link
 *     IllegalArgumentException}, whose message a user sees with the file and line. Records that are
 *     equal read the same rows.
 */
public interface FormatProvider<P extends Record> {
    /** The name by which YAML calls the format: {@code format: NAME}. */
    String name();

    /** The settings of which YAML says nothing but the format; also names their class. */
    P defaults();

    /**
     * Opens a file, or a directory if that is what the format consists of. A file is opened several
     * times, also by several threads.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is not of this format; the message is shown with the
     *     file
     */
    Rows open(P settings, Path file) throws IOException;

    /** The rows of an open file, for one thread. */
    interface Rows extends AutoCloseable {
        /**
         * The next row.
         *
         * @return null if there are no more
         * @throws IOException if the file cannot be read
         * @throws IllegalArgumentException if the rest of it is not of this format
         */
        @Nullable Row next() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** A row whose fields are still to be read, on any thread, also once its file is closed. */
    interface Row {
        /** Where it begins: the number of a line, or of the row, from 1. Messages name it. */
        int number();

        /**
         * Reads the fields, by name: strings, numbers, booleans, null, and lists and maps of these.
         *
         * @throws IllegalArgumentException if the row cannot be read; {@code on_bad_row} decides
         *     whether the run ends, with this message, file and number, or leaves the row out
         */
        Map<String, ? extends @Nullable Object> fields();
    }
}
