package dev.mtl.cli.console;

import dev.mtl.core.ProgressListener;
import dev.mtl.core.internal.ControlCharacters;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress on stderr: a bar that is redrawn in place if stderr is a terminal, else a line every
 * five seconds. Safe for use by several threads.
 */
public final class Progress implements ProgressListener {
    private static final long BAR_NANOS = 200_000_000L;
    private static final long LINE_NANOS = 5_000_000_000L;
    private static final int WIDTH = 30;

    /** A shorter bar would show nothing useful. */
    private static final int LEAST_WIDTH = 5;

    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream err;
    private final int columns;
    private final LongSupplier clock;
    private final long interval;
    private String what = "";
    private long total;
    private long done;
    private long begun;
    private long shown;
    private boolean drawn;

    public Progress(Console console) {
        this(console.err(), Terminal.columns(console.environment()), System::nanoTime);
    }

    /**
     * Creates a display.
     *
     * @param columns width of the terminal, 0 if there is none
     * @param clock current time in nanoseconds
     */
    public Progress(PrintStream err, int columns, LongSupplier clock) {
        this.err = err;
        this.columns = columns;
        this.clock = clock;
        interval = columns > 0 ? BAR_NANOS : LINE_NANOS;
        shown = clock.getAsLong() - interval; // shows the first state immediately
    }

    @Override
    public synchronized void started(String work, long totalBytes) {
        what = work;
        total = totalBytes;
        done = 0;
        begun = clock.getAsLong();
        shown = begun;
        drawn = false;
        if (columns == 0) {
            err.println("mtl: " + ControlCharacters.escaped(what));
        }
    }

    @Override
    public synchronized void advanced(long bytes) {
        done += bytes;
        show(what + " " + amount(), total > 0 ? (double) done / total : -1);
    }

    private String amount() {
        double mb = done / 1e6;
        double seconds = Math.max(1e-3, (clock.getAsLong() - begun) / 1e9);
        return total > 0
                ? String.format(
                        Locale.ROOT, "%.0f of %.0f MB, %.0f MB/s", mb, total / 1e6, mb / seconds)
                : String.format(Locale.ROOT, "%.0f MB, %.0f MB/s", mb, mb / seconds);
    }

    /**
     * Shows the current state, unless the last one was shown too recently.
     *
     * @param share the part that is done, 0 to 1; negative if unknown
     */
    public synchronized void show(String line, double share) {
        long now = clock.getAsLong();
        if (now - shown < interval) {
            return;
        }
        shown = now;
        var text = ControlCharacters.escaped(line);
        if (columns > 0) {
            // The last column stays free: some terminals wrap as soon as it is filled.
            int room = columns - 1;
            err.print(CLEAR + Terminal.fit(bar(share, room - Terminal.width(text)) + text, room));
            err.flush();
            drawn = true;
        } else {
            err.println("mtl: " + text);
        }
    }

    /** A bar in the columns that the text leaves free. */
    private static String bar(double share, int room) {
        int width = Math.min(WIDTH, room - "[] ".length());
        if (share < 0 || width < LEAST_WIDTH) {
            return "";
        }
        int full = (int) Math.round(Math.min(1, share) * width);
        return "[" + "#".repeat(full) + " ".repeat(width - full) + "] ";
    }

    /** Prints a message on a line of its own, which is not overwritten. */
    public synchronized void line(String text) {
        finished();
        err.println("mtl: " + ControlCharacters.escaped(text));
    }

    @Override
    public synchronized void finished() {
        if (drawn) {
            err.print(CLEAR);
            err.flush();
            drawn = false;
        }
    }
}
