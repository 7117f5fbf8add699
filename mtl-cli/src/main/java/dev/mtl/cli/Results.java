package dev.mtl.cli;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Results on their way to stdout: UTF-8 whatever the locale says, each line at once. A {@code
 * PrintStream} will not do: it forgets why it could not write, and a full disk is not a reader that
 * has read enough.
 */
final class Results {
    private final OutputStream out;

    Results(OutputStream out) {
        this.out = out;
    }

    /** Prints a line. */
    void line(String line) {
        text(line + "\n");
    }

    /**
     * Prints text as it is.
     *
     * @throws ClosedPipe if nobody reads any more
     * @throws MtlException if it cannot be written
     */
    void text(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
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

    /**
     * Ends a command whose reader has gone, as {@code head} does: there is nobody left to work for.
     */
    static final class ClosedPipe extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
