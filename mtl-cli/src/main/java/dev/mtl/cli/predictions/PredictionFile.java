package dev.mtl.cli.predictions;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * A file of rows with their predictions. It is written beside its name, {@code NAME.writing}, and
 * has that name once it is complete.
 */
public final class PredictionFile implements AutoCloseable {
    private final Path path;
    private final Path temporary;
    private final BufferedWriter out;
    private final Rows rows;
    private long count;
    private boolean complete;

    /** How rows are written. */
    interface Rows {
        void write(Appendable out, PredictedRow row) throws IOException;
    }

    /** The formats of such files. */
    enum Format {
        JSONL,
        CSV,
        CONLL;

        /**
         * The format that the ending of a name says.
         *
         * @throws ConfigurationException if it says none
         */
        static Format of(String option, Path path) {
            var name = path.toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".jsonl") || name.endsWith(".json")) {
                return JSONL;
            }
            if (name.endsWith(".csv")) {
                return CSV;
            }
            if (name.endsWith(".conll") || name.endsWith(".bio") || name.endsWith(".iob")) {
                return CONLL;
            }
            throw new ConfigurationException(
                    option + " " + path + ": its name must end in .jsonl, .csv or .conll");
        }

        Rows rows(@Nullable Integer topK) {
            return switch (this) {
                case JSONL -> new JsonRows(topK);
                case CSV -> new CsvRows();
                case CONLL -> new ConllRows();
            };
        }
    }

    private PredictionFile(Path path, Path temporary, BufferedWriter out, Rows rows) {
        this.path = path;
        this.temporary = temporary;
        this.out = out;
        this.rows = rows;
    }

    /**
     * Checks a name before anything is computed.
     *
     * @param option for the message
     * @throws ConfigurationException if there can be no such file
     */
    public static void require(String option, @Nullable Path path) {
        if (path == null) {
            return;
        }
        Format.of(option, path);
        var folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new ConfigurationException(
                    option + " " + path + ": there is no folder " + folder);
        }
    }

    /**
     * Begins a file, whose format is that of its ending.
     *
     * @param topK the most labels of a prediction in JSON; null for the best one only
     */
    public static PredictionFile create(String option, Path path, @Nullable Integer topK) {
        require(option, path);
        var temporary = path.resolveSibling(path.getFileName() + ".writing");
        try {
            return new PredictionFile(
                    path,
                    temporary,
                    Files.newBufferedWriter(temporary),
                    Format.of(option, path).rows(topK));
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    /** Writes a row. */
    public void write(PredictedRow row) {
        try {
            rows.write(out, row);
            count++;
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    /** The number of rows so far. */
    public long count() {
        return count;
    }

    /** All rows are written. */
    public void complete() {
        complete = true;
    }

    /** Gives the file its name if it is complete, else removes it. */
    @Override
    public void close() {
        try {
            out.close();
            if (complete) {
                Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    private static MtlException cannotBeWritten(Path path, IOException e) {
        return new MtlException(path + ": cannot be written: " + e.getMessage(), e);
    }
}
