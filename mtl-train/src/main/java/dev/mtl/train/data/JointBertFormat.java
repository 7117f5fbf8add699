package dev.mtl.train.data;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The layout of the JointBERT paper's data (Chen, Zhuo, Wang 2019, arXiv 1902.10909): a directory
 * with {@code seq.in} (a text a line), {@code seq.out} (a tag for each word) and {@code label} (a
 * label a line). Words and tags are split at any run of white space.
 */
final class JointBertFormat implements DataFormat {
    private static final String TEXTS = "seq.in";
    private static final String TAGS = "seq.out";
    private static final String LABELS = "label";

    @Override
    public String name() {
        return "jointbert";
    }

    @Override
    public List<String> columns() {
        return List.of(LABELS, TAGS);
    }

    @Override
    public Rows open(Path path, List<String> columns) {
        if (!Files.isDirectory(path)) {
            throw new MtlException(
                    path
                            + ": no such directory; the format jointbert reads one with seq.in,"
                            + " seq.out and label");
        }
        var texts = TextLines.read(path.resolve(TEXTS));
        var others = new LinkedHashMap<String, List<String>>();
        for (var column : columns) {
            var lines = TextLines.read(path.resolve(column));
            if (lines.size() != texts.size()) {
                throw new MtlException(
                        path.resolve(column)
                                + ": has "
                                + lines.size()
                                + " lines, seq.in has "
                                + texts.size());
            }
            others.put(column, lines);
        }
        return new JointBertRows(path, texts, others);
    }

    private record JointBertRows(Path path, List<String> texts, Map<String, List<String>> columns)
            implements Rows {
        @Override
        public int size() {
            return texts.size();
        }

        @Override
        public Row row(int index) {
            var words = words(texts.get(index));
            if (words.isEmpty()) {
                throw bad(TEXTS, index, "has no words");
            }
            var targets = new LinkedHashMap<String, Target>();
            columns.forEach(
                    (column, lines) ->
                            targets.put(
                                    column,
                                    column.equals(TAGS)
                                            ? tags(lines.get(index), words, index)
                                            : label(lines.get(index), index)));
            return new Row(words, targets);
        }

        private Target tags(String line, List<String> words, int index) {
            var tags = words(line);
            if (tags.size() != words.size()) {
                throw bad(
                        TAGS,
                        index,
                        "has "
                                + tags.size()
                                + " tags, seq.in has "
                                + words.size()
                                + " words there");
            }
            return new Target.Tags(tags);
        }

        private Target label(String line, int index) {
            var label = line.strip();
            if (label.isEmpty()) {
                throw bad(LABELS, index, "has no label");
            }
            return new Target.Category(label);
        }

        private BadRowException bad(String file, int index, String reason) {
            return new BadRowException(path.resolve(file) + ":" + (index + 1) + ": " + reason);
        }

        private static List<String> words(String line) {
            var stripped = line.strip();
            return stripped.isEmpty() ? List.of() : Arrays.asList(stripped.split("\\s+"));
        }
    }
}
