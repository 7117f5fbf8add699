package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.logging.Loggers;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Reads files of one format. */
public interface DataFormat {
    /**
     * Opens a data set, whose rows are read one after the other.
     *
     * @param path of the file, or of a directory with several
     * @param columns those that tasks learn
     * @throws dev.mtl.core.MtlException if files are missing, empty or do not fit together; names
     *     file and line
     */
    Rows open(Path path, List<DataColumn> columns);

    /** All rows of a data set, as {@link #open} reads them. */
    default List<RawRow> readAll(Path path, List<DataColumn> columns) {
        var all = new ArrayList<RawRow>();
        try (var rows = open(path, columns)) {
            for (var row = rows.next(); row != null; row = rows.next()) {
                all.add(row);
            }
            rows.passedOver().ifPresent(Loggers.of(DataFormat.class)::info);
        }
        return all;
    }

    /**
     * The same format with texts from other columns.
     *
     * @throws ConfigurationException if its texts cannot be elsewhere
     */
    default DataFormat withTexts(List<String> columns) {
        throw new ConfigurationException(
                "text field " + String.join(",", columns) + ": this format has texts in one place");
    }

    /** The rows of an open data set, for one thread. */
    interface Rows extends AutoCloseable {
        /**
         * The next row.
         *
         * @return null if there are no more
         * @throws dev.mtl.core.MtlException if the file cannot be read, or has no row at all
         */
        @Nullable RawRow next();

        /** What was read so far and is no row, such as comments, as a line for the user. */
        default Optional<String> passedOver() {
            return Optional.empty();
        }

        @Override
        void close();
    }

    /** A row whose fields are still to be read, on any thread, also once its file is closed. */
    interface RawRow {
        /**
         * Reads the row. A target that cannot be read is a mistake of its column only.
         *
         * @param id the number of its record in the data set, from 1
         * @throws BadRowException if its texts cannot be read
         */
        Row row(int id);

        /**
         * The columns of the row as the file has them, those that no task reads too.
         *
         * @return by name, or by number where they have none: a string, what JSON may hold, or a
         *     list with an item for each word; empty if the rows come from no file
         * @throws BadRowException if they cannot be read
         */
        default SequencedMap<String, @Nullable Object> columns() {
            return new LinkedHashMap<>();
        }
    }

    /**
     * A row as the file has it.
     *
     * @param id the number of its record in the data set, from 1
     * @param place file and line, for messages
     * @param texts one, or several for heads that compare texts
     * @param targets by column
     * @param mistakes of the columns whose target cannot be read, with the row's place
     */
    record Row(
            int id,
            String place,
            List<PreTokenizedText> texts,
            Map<DataColumn, Target> targets,
            Map<DataColumn, String> mistakes) {
        /** The words of the first text, in most data the only one. */
        public List<String> words() {
            return texts.getFirst().wordTexts();
        }
    }
}
