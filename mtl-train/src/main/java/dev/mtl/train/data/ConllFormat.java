package dev.mtl.train.data;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The layout of the CoNLL shared tasks: a word a line with its tags in columns, and a line of
 * nothing but white space after each sentence.
 *
 * <p>A byte-order mark is no part of a word or a tag, wherever in the file it stands: files are put
 * together from others. A word of nothing else stays, so that its tag does not shift the others.
 */
final class ConllFormat implements DataFormat {
    private static final Logger LOG = LoggerFactory.getLogger(ConllFormat.class);
    private static final String DOCUMENT = "-DOCSTART-";
    private static final char MARK = '\uFEFF';

    @Override
    public Rows open(DataSource source, List<DataColumn> columns) {
        var lines = TextLines.read(source.path());
        var layout = new Layout(source, lines);
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
            throw new MtlException(source.path() + ": has no sentence, only blank lines");
        }
        if (documents + comments > 0) {
            LOG.info(
                    "{}: {} document markers and {} comment lines are no words",
                    source.path(),
                    documents,
                    comments);
        }
        int words = layout.number(source.textColumns().getFirst(), "text_column");
        var tags = new LinkedHashMap<DataColumn, Integer>();
        columns.forEach(column -> tags.put(column, layout.number(column.name(), "column")));
        return new ConllRows(lines, layout, sentences, words, tags);
    }

    private static boolean isBlank(String line) {
        return line.chars().allMatch(c -> c == MARK || Character.isWhitespace(c));
    }

    /** How lines are columns. */
    private static final class Layout {
        private final DataSource source;
        private final int width;

        Layout(DataSource source, TextLines lines) {
            this.source = source;
            this.width = source.columns().isEmpty() ? width(lines) : source.columns().size();
        }

        /** The width of the first line that is surely words: every other has the same. */
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
            var separator = Objects.requireNonNull(source.separator());
            return switch (separator) {
                case "tab" -> split(line, "\t");
                case "space" -> split(line, " ");
                default -> split(trimmed(line), "[ \t]+");
            };
        }

        private static List<String> split(String line, String separator) {
            var cells = new ArrayList<String>();
            for (var cell : line.split(separator, -1)) {
                var own = withoutMarks(cell);
                cells.add(own.isEmpty() ? cell : own);
            }
            return cells;
        }

        boolean isDocument(String line) {
            return line.contains(DOCUMENT) && cells(line).getFirst().equals(DOCUMENT);
        }

        /** With the columns of words it is words: a token may begin as comments do. */
        boolean isComment(String line) {
            return mayBeComment(line) && cells(line).size() != width;
        }

        private boolean mayBeComment(String line) {
            var comment = source.comment();
            return comment != null && TextLines.withoutMark(line).startsWith(comment);
        }

        int number(String column, String key) {
            int named = source.columns().indexOf(column);
            int number = named >= 0 ? named : Integer.parseInt(column);
            if (number >= width) {
                throw new MtlException(
                        source.path()
                                + ": has "
                                + width
                                + " columns, no column "
                                + column
                                + " (from 0); see "
                                + key
                                + " and separator, which is "
                                + source.separator());
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

        /** Without spaces and tabs at its ends, and no others: those may be words. */
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
            var tags = new LinkedHashMap<DataColumn, List<String>>();
            tagColumns.keySet().forEach(column -> tags.put(column, new ArrayList<>()));
            for (int line : sentence) {
                var cells = layout.cells(lines.get(line));
                if (cells.size() != layout.width) {
                    throw lines.bad(
                            line,
                            "has "
                                    + cells.size()
                                    + (cells.size() == 1 ? " column" : " columns")
                                    + ", the others have "
                                    + layout.width);
                }
                words.add(cell(cells, wordColumn, line, "word"));
                tags.forEach(
                        (column, of) ->
                                of.add(
                                        cell(
                                                cells,
                                                Objects.requireNonNull(tagColumns.get(column)),
                                                line,
                                                "tag")));
            }
            var targets = new LinkedHashMap<DataColumn, Target>();
            tags.forEach((column, of) -> targets.put(column, new Target.Tags(of)));
            var text = PreTokenizedText.ofWords(words);
            return new Row(lines.place(sentence.getFirst()), List.of(text), targets);
        }

        private String cell(List<String> cells, int column, int line, String what) {
            var cell = Layout.trimmed(cells.get(column));
            if (cell.isEmpty()) {
                throw lines.bad(line, "has no " + what + " in column " + column);
            }
            return cell;
        }
    }
}
