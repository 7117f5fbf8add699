package dev.mtl.cli.console;

import dev.mtl.core.MtlException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes results to stdout: in UTF-8 whatever the locale, flushed after each line. Not a {@code
 * PrintStream}, which hides why it could not write: a full disk is an error, a reader that has
 * closed the pipe is not.
 */
public final class Results {
    private final OutputStream out;

    public Results(OutputStream out) {
        this.out = out;
    }

    /** Prints a line. */
    public void line(String line) {
        text(line + "\n");
    }

    /**
     * Prints text verbatim.
     *
     * @throws ClosedPipe if the reader has closed the pipe
     * @throws MtlException if it cannot be written
     */
    public void text(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        write(to -> to.write(bytes));
    }

    /**
     * Prints bytes of UTF-8.
     *
     * @throws ClosedPipe if the reader has closed the pipe
     * @throws MtlException if they cannot be written
     */
    void bytes(ByteArrayOutputStream text) {
        write(text::writeTo);
    }

    private interface Content {
        void writeTo(OutputStream to) throws IOException;
    }

    private void write(Content content) {
        try {
            content.writeTo(out);
            out.flush();
        } catch (IOException e) {
            var reason = String.valueOf(e.getMessage());
            // "Broken pipe" on Linux and macOS, "The pipe is being closed" on Windows.
            if (reason.toLowerCase(Locale.ROOT).contains("pipe")) {
                throw new ClosedPipe();
            }
            throw new MtlException("stdout: cannot be written: " + reason, e);
        }
    }

    /** The reader of stdout has gone, as {@code head} does; ends the command with code 0. */
    public static final class ClosedPipe extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
