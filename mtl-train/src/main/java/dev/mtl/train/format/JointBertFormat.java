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
        var texts = TextLines.read(path.resolve(TEXTS));
        var others = new LinkedHashMap<DataColumn, TextLines>();
        for (var column : columns) {
            var file = path.resolve(column.name());
            var lines = TextLines.read(file);
            if (lines.size() != texts.size()) {
                throw new MtlException(
                        file + ": has " + lines.size() + " lines, seq.in has " + texts.size());
            }
            others.put(column, lines);
        }
        return new JointBertRows(texts, others);
    }

    private record JointBertRows(TextLines texts, Map<DataColumn, TextLines> columns)
            implements Rows {
        @Override
        public int size() {
            return texts.size();
        }

        @Override
        public Row row(int index) {
            var words = words(texts.get(index));
            if (words.isEmpty()) {
                throw texts.bad(index, "has no words");
            }
            var targets = new RowTargets();
            columns.forEach(
                    (column, lines) ->
                            targets.read(
                                    column,
                                    () ->
                                            column.name().equals(TAGS)
                                                    ? tags(lines, index, words)
                                                    : label(lines, index)));
            var text = PreTokenizedText.ofWords(words);
            return targets.row(index + 1, texts.place(index), List.of(text));
        }

        @Override
        public SequencedMap<String, @Nullable Object> columns(int index) {
            var cells = new LinkedHashMap<String, @Nullable Object>();
            cells.put(TEXTS, words(texts.get(index)));
            columns.forEach(
                    (column, lines) ->
                            cells.put(
                                    column.name(),
                                    column.name().equals(TAGS)
                                            ? words(lines.get(index))
                                            : lines.get(index).strip()));
            return cells;
        }

        private static Target tags(TextLines lines, int index, List<String> words) {
            var tags = words(lines.get(index));
            if (tags.size() != words.size()) {
                throw lines.bad(
                        index,
                        "has "
                                + tags.size()
                                + " tags, seq.in has "
                                + words.size()
                                + " words there");
            }
            return new Target.Tags(tags);
        }

        private static Target label(TextLines lines, int index) {
            var label = lines.get(index).strip();
            if (label.isEmpty()) {
                throw lines.bad(index, "has no label");
            }
            return new Target.Category(label);
        }

        private static List<String> words(String line) {
            var stripped = line.strip();
            return stripped.isEmpty() ? List.of() : Arrays.asList(stripped.split("\\s+"));
        }
    }
}
