package dev.mtl.train.format;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads files of one format. */
public interface DataFormat {
    /**
     * Opens a data set.
     *
     * @param path of the file, or of a directory with several
     * @param columns those that tasks learn
     * @throws dev.mtl.core.MtlException if files are missing, empty or do not fit together; names
     *     file and line
     */
    Rows open(Path path, List<DataColumn> columns);

    /** The rows of an open data set. */
    interface Rows {
        int size();

        /**
         * Reads a row. A target that cannot be read is a mistake of its column only.
         *
         * @param index from 0
         * @throws BadRowException if its texts cannot be read
         */
        Row row(int index);
    }

    /**
     * A row as the file has it.
     *
     * @param id the number of its record in the file, from 1
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
