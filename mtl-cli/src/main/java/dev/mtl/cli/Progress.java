package dev.mtl.cli;

import dev.mtl.core.store.ProgressListener;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;

/**
 * Progress on stderr: a bar that is drawn over where there is a terminal, else a line every few
 * seconds.
 */
final class Progress implements ProgressListener {
    private static final long BAR_NANOS = 200_000_000L;
    private static final long LINE_NANOS = 5_000_000_000L;
    private static final int WIDTH = 30;

    private final PrintStream err;
    private final boolean terminal;
    private String what = "";
    private long total;
    private long done;
    private long begun;
    private long shown;
    private boolean drawn;

    Progress(Console console) {
        err = console.err();
        terminal =
                Optional.ofNullable(System.console())
                        .map(java.io.Console::isTerminal)
                        .orElse(false);
    }

    @Override
    public void started(String newWhat, long totalBytes) {
        what = newWhat;
        total = totalBytes;
        done = 0;
        begun = System.nanoTime();
        shown = begun;
        drawn = false;
        if (!terminal) {
            err.println("mtl: " + what);
        }
    }

    @Override
    public void advanced(long bytes) {
        done += bytes;
        show(what + " " + amount(), total > 0 ? (double) done / total : -1);
    }

    private String amount() {
        double mb = done / 1e6;
        double seconds = Math.max(1e-3, (System.nanoTime() - begun) / 1e9);
        return total > 0
                ? String.format(
                        Locale.ROOT, "%.0f of %.0f MB, %.0f MB/s", mb, total / 1e6, mb / seconds)
                : String.format(Locale.ROOT, "%.0f MB, %.0f MB/s", mb, mb / seconds);
    }

    /**
     * Shows a state, not too often.
     *
     * @param share done, 0 to 1; negative if it is not known
     */
    void show(String text, double share) {
        long now = System.nanoTime();
        if (now - shown < (terminal ? BAR_NANOS : LINE_NANOS)) {
            return;
        }
        shown = now;
        if (terminal) {
            err.print("\r\u001b[K" + bar(share) + text);
            err.flush();
            drawn = true;
        } else {
            err.println("mtl: " + text);
        }
    }

    private static String bar(double share) {
        if (share < 0) {
            return "";
        }
        int full = (int) Math.round(Math.min(1, share) * WIDTH);
        return "[" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] ";
    }

    /** Prints a line that stays. */
    void line(String text) {
        finished();
        err.println("mtl: " + text);
    }

    @Override
    public void finished() {
        if (drawn) {
            err.print("\r\u001b[K");
            err.flush();
            drawn = false;
        }
    }
}
