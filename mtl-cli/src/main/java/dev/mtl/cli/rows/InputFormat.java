package dev.mtl.cli.rows;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.NearestName;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.format.settings.TableSettings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How an input file is read: a text a line, or as a format of training data.
 *
 * @param name of the format in a configuration; {@code text} for lines of text
 * @param defaults what a configuration leaves out; null for lines of text
 */
public record InputFormat(String name, @Nullable FormatSettings defaults) {
    /** A text a line. */
    public static final InputFormat TEXT = new InputFormat("text", null);

    /** The format that the ending of a name says; that of a folder is JointBERT's. */
    public static InputFormat of(Path path) {
        if (Files.isDirectory(path)) {
            return named("jointbert", FormatSettings.defaults());
        }
        var name = path.toString().toLowerCase(Locale.ROOT);
        var format =
                switch (name.substring(name.lastIndexOf('.') + 1)) {
                    case "csv" -> "csv";
                    case "tsv" -> "tsv";
                    case "jsonl", "ndjson" -> "jsonl";
                    case "conll", "bio", "iob" -> "conll";
                    case "parquet" -> "parquet";
                    default -> TEXT.name();
                };
        return named(format, FormatSettings.defaults());
    }

    /**
     * The format of a name.
     *
     * @param heads with the formats of plug-ins
     * @throws ConfigurationException if there is none
     */
    public static InputFormat named(String name, HeadRegistry heads) {
        return named(name, FormatSettings.defaults(heads.formats()));
    }

    private static InputFormat named(String name, List<FormatSettings> all) {
        if (name.equals(TEXT.name())) {
            return TEXT;
        }
        var names = new ArrayList<>(List.of(TEXT.name()));
        for (var format : all) {
            if (format.name().equals(name)) {
                return new InputFormat(name, format);
            }
            names.add(format.name());
        }
        throw new ConfigurationException(
                "--input-format "
                        + name
                        + ": no such format; known: "
                        + String.join(", ", names)
                        + NearestName.hint(name, names));
    }

    /** Whether it is lines of text. */
    public boolean isText() {
        return defaults == null;
    }

    /** Whether it is JSON lines. */
    public boolean isJsonLines() {
        return name.equals("jsonl");
    }

    /** Whether the files of a task are like this. */
    boolean reads(FormatSettings settings) {
        return settings.name().equals(name)
                || (name.equals("tsv")
                        && settings instanceof TableSettings table
                        && table.delimiter() == '\t');
    }
}
