package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.internal.Utf8Lines;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.logging.Loggers;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final Logger LOG = Loggers.of(ConllFormat.class);
    private static final String DOCUMENT = "-DOCSTART-";
    private static final char MARK = '\uFEFF';

    @Override
    public Rows open(Path path, List<DataColumn> tagColumns) {
        var lines = TextLines.read(path);
        var layout = new Layout(this, path, lines);
        var sentences = new ArrayList<List<Integer>>();
        var sentence = new ArrayList<Integer>();
        int documents = 0;
        int comments = 0;
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.replaced(i);
            boolean document = layout.isDocument(line);
            if (document || isBlank(line)) {
                documents += document ? 1 : 0;
                if (!sentence.isEmpty()) {
                    sentences.add(List.copyOf(sentence));
                    sentence.clear();
                }
            } else if (layout.isComment(line)) {
                comments++;
            } else {
                sentence.add(i);
            }
        }
        if (!sentence.isEmpty()) {
            sentences.add(List.copyOf(sentence));
        }
        if (sentences.isEmpty()) {
            throw new MtlException(path + ": has no sentence, only blank lines");
        }
        if (documents + comments > 0) {
            LOG.info(
                    "{}: {} document markers and {} comment lines skipped",
                    path,
                    documents,
                    comments);
        }
        int words = layout.number(textColumn, "text_column");
        var tags = new LinkedHashMap<DataColumn, Integer>();
        tagColumns.forEach(column -> tags.put(column, layout.number(column.name(), "column")));
        return new ConllRows(lines, layout, sentences, words, tags);
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

        Layout(ConllFormat format, Path path, TextLines lines) {
            this.format = format;
            this.path = path;
            this.width = format.columns().isEmpty() ? width(lines) : format.columns().size();
        }

        /** The number of columns of the first line that must be a word; all others have it too. */
        private int width(TextLines lines) {
            for (int i = 0; i < lines.size(); i++) {
                var line = lines.replaced(i);
                if (!isBlank(line) && !isDocument(line) && !mayBeComment(line)) {
                    return cells(line).size();
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

    private record ConllRows(
            TextLines lines,
            Layout layout,
            List<List<Integer>> sentences,
            int wordColumn,
            Map<DataColumn, Integer> tagColumns)
            implements Rows {
        @Override
        public int size() {
            return sentences.size();
        }

        @Override
        public Row row(int index) {
            var sentence = sentences.get(index);
            var words = new ArrayList<String>(sentence.size());
            var rows = new ArrayList<List<String>>(sentence.size());
            for (int line : sentence) {
                var cells = layout.cells(lines.get(line));
                if (cells.size() != layout.width) {
                    throw lines.bad(
                            line,
                            "has "
                                    + cells.size()
                                    + (cells.size() == 1 ? " column" : " columns")
                                    + ", the others have "
                                    + layout.width
                                    + layout.advice(lines.get(line)));
                }
                words.add(Layout.trimmed(cells.get(wordColumn)));
                rows.add(cells);
            }
            if (words.stream().allMatch(String::isEmpty)) {
                throw lines.bad(sentence.getFirst(), "has no word in column " + wordColumn);
            }
            var targets = new RowTargets();
            tagColumns.forEach(
                    (column, number) -> targets.read(column, () -> tags(sentence, rows, number)));
            var text = PreTokenizedText.ofWords(words);
            return targets.row(index + 1, lines.place(sentence.getFirst()), List.of(text));
        }

        @Override
        public SequencedMap<String, @Nullable Object> columns(int index) {
            var columns = new LinkedHashMap<String, @Nullable Object>();
            var names = layout.format.columns();
            for (int i = 0; i < layout.width; i++) {
                int column = i;
                columns.put(
                        names.isEmpty() ? String.valueOf(i) : names.get(i),
                        sentences.get(index).stream()
                                .map(line -> layout.cells(lines.get(line)))
                                .map(cells -> cells.size() > column ? cells.get(column) : "")
                                .map(Layout::trimmed)
                                .toList());
            }
            return columns;
        }

        private Target tags(List<Integer> sentence, List<List<String>> rows, int column) {
            var tags = new ArrayList<String>(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                tags.add(tag(rows.get(i), column, sentence.get(i)));
            }
            return new Target.Tags(tags);
        }

        private String tag(List<String> cells, int column, int line) {
            var cell = Layout.trimmed(cells.get(column));
            if (cell.isEmpty()) {
                throw lines.bad(line, "has no tag in column " + column);
            }
            return cell;
        }
    }
}
