package dev.mtl.train.data;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.config.DataConfig.Format;

import java.util.List;
import java.util.Map;

/** A layout of labelled data in files. */
public interface DataFormat {
    /**
     * Opens a data set.
     *
     * @param columns those that tasks use
     * @throws dev.mtl.core.MtlException if files are missing, empty or do not fit together; names
     *     file and line
     */
    Rows open(DataSource source, List<DataColumn> columns);

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
     * A row as the file has it.
     *
     * @param place file and line, for messages
     * @param texts one, or several for heads that compare texts
     * @param targets by column
     */
    record Row(String place, List<PreTokenizedText> texts, Map<DataColumn, Target> targets) {
        /** The words of the first text, in most data the only one. */
        List<String> words() {
            return texts.getFirst().wordTexts();
        }
    }

    /** The reader of a format. */
    static DataFormat of(Format format) {
        return switch (format) {
            case JOINTBERT -> new JointBertFormat();
            case CONLL -> new ConllFormat();
            case CSV, TSV -> new DelimitedFormat();
            case JSONL -> new JsonLinesFormat();
        };
    }
}
