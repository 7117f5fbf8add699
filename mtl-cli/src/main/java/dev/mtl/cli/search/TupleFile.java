package dev.mtl.cli.search;

import dev.mtl.cli.console.Console;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * Rows of named texts in a file of JSON lines, CSV or TSV, which has its name once it is complete;
 * or JSON lines on stdout.
 */
final class TupleFile implements AutoCloseable {
    private final Console console;
    private final @Nullable Path path;
    private final @Nullable BufferedWriter out;
    private List<String> header = List.of();
    private boolean complete;

    private TupleFile(Console console, @Nullable Path path, @Nullable BufferedWriter out) {
        this.console = console;
        this.path = path;
        this.out = out;
    }

    /**
     * Checks a name before anything is computed.
     *
     * @throws ConfigurationException if its ending is of no format, or there is no such folder
     */
    static void require(@Nullable Path path) {
        if (path == null) {
            return;
        }
        if (!ending(path).matches("jsonl|csv|tsv")) {
            throw new ConfigurationException(
                    "--output " + path + ": its name must end in .jsonl, .csv or .tsv");
        }
        var folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new ConfigurationException("--output " + path + ": there is no folder " + folder);
        }
    }

    private static String ending(Path path) {
        var name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * Begins a file.
     *
     * @param path null for stdout
     */
    static TupleFile create(Console console, @Nullable Path path) {
        try {
            return new TupleFile(
                    console, path, path == null ? null : Files.newBufferedWriter(temporary(path)));
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    private static Path temporary(Path path) {
        return path.resolveSibling(path.getFileName() + ".writing");
    }

    /** Writes a row; the first one says which columns there are. */
    void write(SequencedMap<String, String> row) {
        if (path == null || out == null) {
            console.json(row);
            return;
        }
        try {
            if (ending(path).equals("jsonl")) {
                out.write(Console.toJson(row));
                out.newLine();
                return;
            }
            var format =
                    (ending(path).equals("tsv") ? CSVFormat.TDF : CSVFormat.RFC4180)
                            .builder()
                            .setRecordSeparator("\n")
                            .get();
            if (header.isEmpty()) {
                header = List.copyOf(row.keySet());
                format.print(out).printRecord(header);
            }
            format.print(out)
                    .printRecord(header.stream().map(name -> row.getOrDefault(name, "")).toList());
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    /** All rows are written. */
    void complete() {
        complete = true;
    }

    @Override
    public void close() {
        if (path == null || out == null) {
            return;
        }
        try {
            out.close();
            if (complete) {
                Files.move(temporary(path), path, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(temporary(path));
            }
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    private static MtlException cannotBeWritten(@Nullable Path path, IOException e) {
        return new MtlException(path + ": cannot be written: " + e.getMessage(), e);
    }
}
