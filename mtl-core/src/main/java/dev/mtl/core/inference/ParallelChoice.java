package dev.mtl.core.inference;

/**
 * Whether a single row runs on all cores or on one. All cores are up to twice as fast, but their
 * threads wait for each other in every operator: if another process takes one of the cores, a row
 * takes ten times as long as on one core. So both ways are measured: the other one is tried from
 * time to time, ever more rarely while it loses.
 */
final class ParallelChoice {
    /** Tokens that take as long as what does not depend on the number of tokens. */
    private static final int FIXED_TOKENS = 8;

    private static final double NEW_WEIGHT = 0.3;

    /** Two slow rows in succession end the use of all cores; one alone may be a hiccup. */
    private static final int SLOW_ROWS = 2;

    /** How much slower than on one core a row on all cores is slow. */
    private static final double SLOW = 1.1;

    /** How much slower than ever a row on all cores is slow, before one core was tried. */
    private static final double SLOW_AT_FIRST = 3;

    /** The other way must be better by this factor. */
    private static final double BETTER = 0.9;

    private static final int FIRST_TRIAL = 16;
    private static final int MIN_PAUSE = 32;

    /** Fewer trials than 1 in 100, so that the 99th percentile does not see them. */
    private static final int MAX_PAUSE = 1024;

    private boolean allCores = true;

    /** Nanoseconds per token; 0 if not known. */
    private double onAll;

    private double onOne;
    private double bestOnAll = Double.MAX_VALUE;
    private int slowRows;
    private int untilTrial = FIRST_TRIAL;
    private int pause = MIN_PAUSE;
    private int rowsSinceChange;

    /** Whether the next row runs on all cores. */
    synchronized boolean next() {
        rowsSinceChange++;
        untilTrial--;
        return (untilTrial <= 0) != allCores;
    }

    /** A row was computed on all cores in this time. */
    synchronized void ranOnAllCores(int tokens, long nanos) {
        double cost = cost(tokens, nanos);
        onAll = average(onAll, cost);
        bestOnAll = Math.min(bestOnAll, cost);
        if (!allCores) {
            endTrial(cost < BETTER * onOne);
            return;
        }
        boolean slow = onOne > 0 ? cost > SLOW * onOne : cost > SLOW_AT_FIRST * bestOnAll;
        slowRows = slow ? slowRows + 1 : 0;
        if (slowRows >= SLOW_ROWS) {
            slowRows = 0;
            if (onOne > 0) {
                change();
            } else {
                untilTrial = 1;
            }
        }
    }

    /** A row was computed on one core in this time. */
    synchronized void ranOnOneCore(int tokens, long nanos) {
        double cost = cost(tokens, nanos);
        onOne = average(onOne, cost);
        if (allCores) {
            endTrial(cost < BETTER * onAll);
        }
    }

    private static double cost(int tokens, long nanos) {
        return (double) nanos / (tokens + FIXED_TOKENS);
    }

    private static double average(double before, double now) {
        return before == 0 ? now : before + NEW_WEIGHT * (now - before);
    }

    private void endTrial(boolean better) {
        if (better) {
            change();
        } else {
            pause = Math.min(MAX_PAUSE, 2 * pause);
            untilTrial = pause;
        }
    }

    private void change() {
        allCores = !allCores;
        // A way that was left at once was chosen by chance: it is tried as rarely as before.
        pause = rowsSinceChange > MAX_PAUSE / 4 ? MIN_PAUSE : Math.min(MAX_PAUSE, 2 * pause);
        untilTrial = pause;
        rowsSinceChange = 0;
    }
}
