package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The format of the JointBERT paper's data (Chen, Zhuo, Wang 2019, arXiv 1902.10909): a directory
 * with the files {@code seq.in} (one sentence per line), {@code seq.out} (a tag for each word) and
 * {@code label} (one label per line). White space of any length separates words and tags.
 */
public record JointBertFormat() implements DataFormat {
    private static final String TEXTS = "seq.in";
    private static final String TAGS = "seq.out";

    @Override
    public Rows open(Path path, List<DataColumn> columns) {
        if (!Files.isDirectory(path)) {
            throw new ConfigurationException(
                    path
                            + ": no such directory; the format jointbert reads one with seq.in,"
                            + " seq.out and label");
        }
        var texts = path.resolve(TEXTS);
        int count = TextLines.count(texts);
        for (var column : columns) {
            var file = path.resolve(column.name());
            int own = TextLines.count(file);
            if (own != count) {
                throw new MtlException(file + ": has " + own + " lines, seq.in has " + count);
            }
        }
        return JointBertRows.open(path, columns);
    }

    /** Reads the files in step. */
    private record JointBertRows(TextLines texts, Map<DataColumn, TextLines> columns)
            implements Rows {
        static JointBertRows open(Path path, List<DataColumn> columns) {
            var rows =
                    new JointBertRows(TextLines.open(path.resolve(TEXTS)), new LinkedHashMap<>());
            for (var column : columns) {
                rows.columns.put(column, TextLines.open(path.resolve(column.name())));
            }
            return rows;
        }

        @Override
        public @Nullable RawRow next() {
            var text = texts.next();
            if (text == null) {
                return null;
            }
            var lines = new LinkedHashMap<DataColumn, TextLine>();
            columns.forEach(
                    (column, file) -> {
                        var line = file.next();
                        if (line == null) {
                            throw new MtlException(
                                    text.place() + ": " + column.name() + " ends before this line");
                        }
                        lines.put(column, line);
                    });
            return new JointBertRow(text, lines);
        }

        @Override
        public void close() {
            texts.close();
            columns.values().forEach(TextLines::close);
        }
    }

    private record JointBertRow(TextLine text, Map<DataColumn, TextLine> lines) implements RawRow {
        @Override
        public Row row(int id) {
            var words = words(text.text());
            if (words.isEmpty()) {
                throw text.bad("has no words");
            }
            var targets = new RowTargets();
            lines.forEach(
                    (column, line) ->
                            targets.read(
                                    column,
                                    () ->
                                            column.raw()
                                                    ? new FieldValue(cell(column, line))
                                                    : column.name().equals(TAGS)
                                                            ? tags(line, words)
                                                            : label(line)));
            return targets.row(id, text.place(), List.of(PreTokenizedText.ofWords(words)));
        }

        @Override
        public SequencedMap<String, @Nullable Object> columns() {
            var cells = new LinkedHashMap<String, @Nullable Object>();
            cells.put(TEXTS, words(text.text()));
            lines.forEach((column, line) -> cells.put(column.name(), cell(column, line)));
            return cells;
        }

        private static Object cell(DataColumn column, TextLine line) {
            return column.name().equals(TAGS) ? words(line.text()) : line.text().strip();
        }

        private static Target tags(TextLine line, List<String> words) {
            var tags = words(line.text());
            if (tags.size() != words.size()) {
                throw line.bad(
                        "has "
                                + tags.size()
                                + " tags, seq.in has "
                                + words.size()
                                + " words there");
            }
            return new Target.Tags(tags);
        }

        private static Target label(TextLine line) {
            var label = line.text().strip();
            if (label.isEmpty()) {
                throw line.bad("has no label");
            }
            return new Target.Category(label);
        }

        private static List<String> words(String line) {
            var stripped = line.strip();
            return stripped.isEmpty() ? List.of() : Arrays.asList(stripped.split("\\s+"));
        }
    }
}
