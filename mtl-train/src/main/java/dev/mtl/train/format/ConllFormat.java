package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.internal.files.Utf8Lines;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The format of the CoNLL shared tasks: one word per line with its tags in columns, and a line of
 * white space after each sentence.
 *
 * <p>Byte-order marks around a word or tag are removed, anywhere in the file, since files are
 * concatenated from others. A word that consists of one stays, so that no tag is shifted. A word
 * may be empty if there is one separator: it has no token, and its tag keeps its place.
 *
 * @param textColumn of the words: a name of {@code columns} or a number, from 0
 * @param separator whitespace, tab or space
 * @param columns names of all columns, or empty
 * @param comment the prefix of comment lines; null for none
 */
public record ConllFormat(
        String textColumn, String separator, List<String> columns, @Nullable String comment)
        implements DataFormat {
    private static final String DOCUMENT = "-DOCSTART-";
    private static final char MARK = '\uFEFF';

    @Override
    public Rows open(Path path, List<DataColumn> tagColumns) {
        var layout = new Layout(this, path);
        if (layout.width == 0) {
            throw noSentence(path);
        }
        int words = layout.number(textColumn, "text_column");
        var tags = new LinkedHashMap<DataColumn, Integer>();
        tagColumns.forEach(column -> tags.put(column, layout.number(column.name(), "column")));
        return new Sentences(path, TextLines.open(path), layout, words, tags);
    }

    private static MtlException noSentence(Path path) {
        return new MtlException(path + ": has no sentence, only blank lines");
    }

    @Override
    public DataFormat withTexts(List<String> others) {
        if (others.size() > 1) {
            throw new ConfigurationException(
                    "text field " + String.join(",", others) + ": this format has one text a row");
        }
        return new ConllFormat(others.getFirst(), separator, columns, comment);
    }

    private static boolean isBlank(String line) {
        return line.chars().allMatch(c -> c == MARK || Character.isWhitespace(c));
    }

    /** Splits lines into columns. */
    private static final class Layout {
        private final ConllFormat format;
        private final Path path;
        private final int width;

        Layout(ConllFormat format, Path path) {
            this.format = format;
            this.path = path;
            this.width = format.columns().isEmpty() ? shownWidth() : format.columns().size();
        }

        /** The number of columns of the first line that must be a word; all others have it too. */
        private int shownWidth() {
            try (var lines = TextLines.open(path)) {
                for (var next = lines.next(); next != null; next = lines.next()) {
                    var line = next.replaced();
                    if (!isBlank(line) && !isDocument(line) && !mayBeComment(line)) {
                        return cells(line).size();
                    }
                }
            }
            return 0;
        }

        List<String> cells(String line) {
            return switch (format.separator()) {
                case "tab" -> split(line, "\t");
                case "space" -> split(line, " ");
                default -> split(trimmed(line), "[ \t]+");
            };
        }

        private static List<String> split(String line, String separator) {
            var cells = new ArrayList<String>();
            for (var cell : line.split(separator, -1)) {
                var text = withoutMarks(cell);
                cells.add(text.isEmpty() ? cell : text);
            }
            return cells;
        }

        boolean isDocument(String line) {
            return line.contains(DOCUMENT) && cells(line).getFirst().equals(DOCUMENT);
        }

        /** A line with the columns of a word is one: a token may begin like a comment. */
        boolean isComment(String line) {
            return mayBeComment(line) && cells(line).size() != width;
        }

        private boolean mayBeComment(String line) {
            var comment = format.comment();
            return comment != null && Utf8Lines.withoutMark(line).startsWith(comment);
        }

        /** What to do about a line that begins with a separator: its word is empty. */
        String advice(String line) {
            return line.startsWith("\t") && format.separator().equals("whitespace")
                    ? "; separator: tab reads words that are empty"
                    : "";
        }

        int number(String column, String key) {
            int named = format.columns().indexOf(column);
            int number = named >= 0 ? named : Integer.parseInt(column);
            if (number >= width) {
                throw new MtlException(
                        path
                                + ": has "
                                + width
                                + " columns, no column "
                                + column
                                + " (from 0); see "
                                + key
                                + " and separator, which is "
                                + format.separator());
            }
            return number;
        }

        private static String withoutMarks(String cell) {
            int start = 0;
            int end = cell.length();
            while (start < end && cell.charAt(start) == MARK) {
                start++;
            }
            while (end > start && cell.charAt(end - 1) == MARK) {
                end--;
            }
            return cell.substring(start, end);
        }

        /** Without spaces and tabs at its ends; other white space may be a word. */
        private static String trimmed(String line) {
            int start = 0;
            int end = line.length();
            while (start < end && " \t".indexOf(line.charAt(start)) >= 0) {
                start++;
            }
            while (end > start && " \t".indexOf(line.charAt(end - 1)) >= 0) {
                end--;
            }
            return line.substring(start, end);
        }
    }

    /** Finds the sentences of an open file. */
    private static final class Sentences implements Rows {
        private final Path path;
        private final TextLines lines;
        private final Layout layout;
        private final int words;
        private final Map<DataColumn, Integer> tags;
        private boolean any;
        private int documents;
        private int comments;

        Sentences(
                Path path,
                TextLines lines,
                Layout layout,
                int words,
                Map<DataColumn, Integer> tags) {
            this.path = path;
            this.lines = lines;
            this.layout = layout;
            this.words = words;
            this.tags = tags;
        }

        @Override
        public @Nullable RawRow next() {
            var sentence = new ArrayList<TextLine>();
            for (var next = lines.next(); next != null; next = lines.next()) {
                var line = next.replaced();
                boolean document = layout.isDocument(line);
                if (document || isBlank(line)) {
                    documents += document ? 1 : 0;
                    if (!sentence.isEmpty()) {
                        break;
                    }
                } else if (layout.isComment(line)) {
                    comments++;
                } else {
                    sentence.add(next);
                }
            }
            if (!sentence.isEmpty()) {
                any = true;
                return new Sentence(List.copyOf(sentence), layout, words, tags);
            }
            if (!any) {
                throw noSentence(path);
            }
            return null;
        }

        @Override
        public Optional<String> passedOver() {
            return documents + comments == 0
                    ? Optional.empty()
                    : Optional.of(
                            "%s: %d document markers and %d comment lines skipped"
                                    .formatted(path, documents, comments));
        }

        @Override
        public void close() {
            lines.close();
        }
    }

    private record Sentence(
            List<TextLine> lines,
            Layout layout,
            int wordColumn,
            Map<DataColumn, Integer> tagColumns)
            implements RawRow {
        @Override
        public Row row(int id) {
            var words = new ArrayList<String>(lines.size());
            var rows = new ArrayList<List<String>>(lines.size());
            for (var line : lines) {
                var cells = layout.cells(line.text());
                if (cells.size() != layout.width) {
                    throw line.bad(
                            "has "
                                    + cells.size()
                                    + (cells.size() == 1 ? " column" : " columns")
                                    + ", the others have "
                                    + layout.width
                                    + layout.advice(line.text()));
                }
                words.add(Layout.trimmed(cells.get(wordColumn)));
                rows.add(cells);
            }
            if (words.stream().allMatch(String::isEmpty)) {
                throw lines.getFirst().bad("has no word in column " + wordColumn);
            }
            var targets = new RowTargets();
            tagColumns.forEach(
                    (column, number) -> targets.read(column, () -> target(column, rows, number)));
            var text = PreTokenizedText.ofWords(words);
            return targets.row(id, lines.getFirst().place(), List.of(text));
        }

        @Override
        public SequencedMap<String, @Nullable Object> columns() {
            var columns = new LinkedHashMap<String, @Nullable Object>();
            var names = layout.format.columns();
            for (int i = 0; i < layout.width; i++) {
                int column = i;
                columns.put(
                        names.isEmpty() ? String.valueOf(i) : names.get(i),
                        lines.stream()
                                .map(line -> layout.cells(line.text()))
                                .map(cells -> cells.size() > column ? cells.get(column) : "")
                                .map(Layout::trimmed)
                                .toList());
            }
            return columns;
        }

        private Target target(DataColumn column, List<List<String>> rows, int number) {
            return column.raw()
                    ? new FieldValue(
                            rows.stream().map(row -> Layout.trimmed(row.get(number))).toList())
                    : tags(rows, number);
        }

        private Target tags(List<List<String>> rows, int column) {
            var tags = new ArrayList<String>(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                tags.add(tag(rows.get(i), column, lines.get(i)));
            }
            return new Target.Tags(tags);
        }

        private static String tag(List<String> cells, int column, TextLine line) {
            var cell = Layout.trimmed(cells.get(column));
            if (cell.isEmpty()) {
                throw line.bad("has no tag in column " + column);
            }
            return cell;
        }
    }
}
