package dev.mtl.train.format.fields;

import dev.mtl.train.format.TextLine;
import dev.mtl.train.format.TextLines;

import org.jspecify.annotations.Nullable;

import java.io.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Gives the lines of a table to a parser, and keeps those of the record that is read: after a
 * mistake, another parser begins on one of them.
 */
final class TableLines implements AutoCloseable {
    /**
     * The most lines of a record. A quote without an end would else keep the rest of the file in
     * memory, to find that there is no end.
     */
    private static final int MOST = 100_000;

    private final TextLines source;

    /** Lines to read before those of the source. */
    private final Deque<TextLine> again = new ArrayDeque<>();

    /** Lines that a parser was given and that are not dropped, with where each begins. */
    private final List<Given> given = new ArrayList<>();

    private long position;

    private record Given(TextLine line, long start) {}

    TableLines(TextLines source) {
        this.source = source;
    }

    /** A line, from 0 on for the first that is not dropped. */
    TextLine get(int index) {
        return given.get(index).line();
    }

    boolean has(int index) {
        return index < given.size();
    }

    /** The line in which a position of the last reader is. */
    int at(long character) {
        int index = given.size() - 1;
        while (index > 0 && given.get(index).start() > character) {
            index--;
        }
        return index;
    }

    /** Forgets the lines before an index, whose record is read. */
    void drop(int count) {
        given.subList(0, Math.min(count, given.size())).clear();
    }

    /**
     * Forgets all lines that were given, which are empty.
     *
     * @return whether more follow
     */
    boolean dropEmpty() {
        given.clear();
        var next = next();
        if (next == null) {
            return false;
        }
        again.addFirst(next);
        return true;
    }

    private @Nullable TextLine next() {
        return again.isEmpty() ? source.next() : again.removeFirst();
    }

    /** A reader that begins with the first line that is not dropped. */
    Reader reader() {
        for (var line : given.reversed()) {
            again.addFirst(line.line());
        }
        given.clear();
        position = 0;
        return new LineReader();
    }

    private final class LineReader extends Reader {
        private String text = "";
        private int read;

        @Override
        public int read(char[] target, int offset, int length) {
            if (read == text.length() && !fill()) {
                return -1;
            }
            int count = Math.min(length, text.length() - read);
            text.getChars(read, read + count, target, offset);
            read += count;
            return count;
        }

        private boolean fill() {
            var line = given.size() < MOST ? next() : null;
            if (line == null) {
                return false;
            }
            given.add(new Given(line, position));
            // the parser would also end a record at a carriage return, and count other lines
            text = line.replaced().replace('\r', ' ') + "\n";
            read = 0;
            position += text.length();
            return true;
        }

        @Override
        public void close() {}
    }

    @Override
    public void close() {
        source.close();
    }
}
