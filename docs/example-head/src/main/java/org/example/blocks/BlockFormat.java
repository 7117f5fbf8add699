package org.example.blocks;

import dev.mtl.core.data.FormatProvider;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The data format {@code blocks}: a field a line, a blank line after each row. A line that begins
 * with a space goes on with the field above it.
 */
public final class BlockFormat implements FormatProvider<BlockFormat.Settings> {
    /**
     * Settings.
     *
     * @param separator stands between the name and the value of a field
     */
    public record Settings(String separator) {
        public Settings {
            if (separator.isBlank()) {
                throw new IllegalArgumentException("separator is blank");
            }
        }
    }

    @Override
    public String name() {
        return "blocks";
    }

    @Override
    public Settings defaults() {
        return new Settings(":");
    }

    @Override
    public Rows open(Settings settings, Path file) throws IOException {
        return new Blocks(Files.newBufferedReader(file), settings.separator());
    }

    private static final class Blocks implements Rows {
        private final BufferedReader in;
        private final String separator;
        private int line;

        Blocks(BufferedReader in, String separator) {
            this.in = in;
            this.separator = separator;
        }

        @Override
        public Row next() throws IOException {
            var block = new ArrayList<String>();
            for (var next = in.readLine(); next != null; next = in.readLine()) {
                line++;
                if (!next.isBlank()) {
                    block.add(next);
                } else if (!block.isEmpty()) {
                    return new Block(block, line - block.size(), separator);
                }
            }
            return block.isEmpty() ? null : new Block(block, line - block.size() + 1, separator);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private record Block(List<String> lines, int number, String separator) implements Row {
        @Override
        public Map<String, String> fields() {
            var fields = new LinkedHashMap<String, String>();
            for (var line : lines) {
                if (line.startsWith(" ") && !fields.isEmpty()) {
                    fields.merge(fields.lastEntry().getKey(), " " + line.strip(), String::concat);
                    continue;
                }
                int end = line.indexOf(separator);
                if (end < 0) {
                    throw new IllegalArgumentException(
                            "'" + line + "' is no field, NAME" + separator + " VALUE");
                }
                var name = line.substring(0, end).strip();
                var value = line.substring(end + separator.length()).strip();
                if (fields.putIfAbsent(name, value) != null) {
                    throw new IllegalArgumentException("has the field '" + name + "' twice");
                }
            }
            return fields;
        }
    }
}
