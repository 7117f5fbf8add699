package dev.mtl.train.format;

import java.nio.file.Path;

/**
 * A line of a file.
 *
 * @param number from 1
 * @param replaced the line, with U+FFFD in place of invalid UTF-8
 * @param isUtf8 whether all of it is valid
 */
public record TextLine(Path file, int number, String replaced, boolean isUtf8) {
    /**
     * The line.
     *
     * @throws BadRowException if it is not UTF-8
     */
    public String text() {
        if (!isUtf8) {
            throw bad("is not UTF-8; convert the file, for instance with iconv");
        }
        return replaced;
    }

    /** File and line, for messages. */
    public String place() {
        return file + ":" + number;
    }

    /** Reports that a row cannot be read. */
    public BadRowException bad(String reason) {
        return new BadRowException(place() + ": " + reason);
    }
}
