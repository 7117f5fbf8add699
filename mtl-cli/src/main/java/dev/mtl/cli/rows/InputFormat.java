package dev.mtl.cli.rows;

import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.format.settings.TableSettings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** How an input file is read: a text a line, or as a format of training data. */
public enum InputFormat {
    TEXT,
    CSV,
    TSV,
    JSONL,
    CONLL,
    PARQUET,
    JOINTBERT,
    SQUAD;

    /** The format that the ending of a name says; that of a folder is JointBERT's. */
    public static InputFormat of(Path path) {
        if (Files.isDirectory(path)) {
            return JOINTBERT;
        }
        var name = path.toString().toLowerCase(Locale.ROOT);
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "csv" -> CSV;
            case "tsv" -> TSV;
            case "jsonl", "ndjson" -> JSONL;
            case "conll", "bio", "iob" -> CONLL;
            case "parquet" -> PARQUET;
            default -> TEXT;
        };
    }

    /** Its name in a configuration. */
    public String inYaml() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the files of a task are like this. */
    boolean reads(FormatSettings settings) {
        return settings.name().equals(inYaml())
                || (this == TSV
                        && settings instanceof TableSettings table
                        && table.delimiter() == '\t');
    }

    /** What a configuration leaves out; null for lines of text. */
    @Nullable FormatSettings defaults() {
        return FormatSettings.defaults().stream()
                .filter(settings -> settings.name().equals(inYaml()))
                .findFirst()
                .orElse(null);
    }
}
