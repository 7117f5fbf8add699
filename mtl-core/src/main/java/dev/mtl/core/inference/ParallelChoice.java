package dev.mtl.core.inference;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/**
 * Whether a single row runs on all cores or on one. All cores are up to twice as fast, but their
 * threads wait for each other in every operator: if another process takes one of the cores, a row
 * takes ten times as long as on one core. So both ways are measured: the other one is tried from
 * time to time, ever more rarely while it loses. Only rows of about the same length are compared: a
 * token of a long row costs less, and gains more from all cores, than one of a short row.
 *
 * <p>In the first seconds of a process the JVM's compilers slow down all cores, too. They end soon,
 * so all cores are left then only if they are much slower.
 */
final class ParallelChoice {
    /** Tokens that take as long as what does not depend on the number of tokens. */
    private static final int FIXED_TOKENS = 8;

    private static final double NEW_WEIGHT = 0.3;

    /**
     * All cores are left when they have lost the time of so many rows on one core: faster rows win
     * it back, as in a cumulative sum control chart (Page 1954). One row, which may be a hiccup,
     * counts at most {@link #HOPELESS} times.
     */
    private static final double LOST_ROWS = 4;

    /** How much slower than ever a row on all cores is slow, before one core was tried. */
    private static final double SLOW_AT_FIRST = 3;

    /** The other way must be better by this factor. */
    private static final double BETTER = 0.9;

    /**
     * The same where the compilers disturb all cores: twice as fast, which they alone cannot make
     * it.
     */
    private static final double BETTER_WHILE_COMPILING = 0.5;

    /**
     * A trial of all cores is as many rows at most: the first finds their threads asleep and their
     * caches cold.
     */
    private static final int TRIAL_ROWS = 6;

    /** A row of a trial that is slower than one core by this factor ends it. */
    private static final double HOPELESS = 4;

    private static final int FIRST_TRIAL = 16;
    private static final int MIN_PAUSE = 32;

    /** Fewer rows of trials than 1 in 100, so that the 99th percentile does not see them. */
    private static final int MAX_PAUSE = 1024;

    /** Of rows of about the same length, in nanoseconds per token; 0 if not known. */
    private static final class Costs {
        double onAll;
        double onOne;
        double bestOnAll = Double.MAX_VALUE;
    }

    private final BooleanSupplier compiling;
    private boolean allCores = true;

    /** By the logarithm of the length. */
    private final @Nullable Costs[] costs = new @Nullable Costs[Integer.SIZE + 1];

    private double lost;
    private int untilTrial = FIRST_TRIAL;
    private int pause = MIN_PAUSE;
    private int rowsSinceChange;
    private int trialRows;

    /**
     * @param compiling whether the JVM's compilers are at work
     */
    ParallelChoice(BooleanSupplier compiling) {
        this.compiling = compiling;
    }

    /** Whether the next row runs on all cores. */
    synchronized boolean next() {
        rowsSinceChange++;
        untilTrial--;
        return (untilTrial <= 0) != allCores;
    }

    /** A row was computed on all cores in this time. */
    synchronized void ranOnAllCores(int tokens, long nanos) {
        double cost = cost(tokens, nanos);
        var like = like(tokens);
        like.onAll = average(like.onAll, cost);
        like.bestOnAll = Math.min(like.bestOnAll, cost);
        if (!allCores) {
            boolean better = cost < BETTER * like.onOne;
            boolean hopeless = like.onOne > 0 && cost > HOPELESS * like.onOne;
            trialRows += hopeless ? TRIAL_ROWS : 1;
            if (better || trialRows >= TRIAL_ROWS) {
                endTrial(better);
            }
            return;
        }
        if (like.onOne == 0) {
            if (cost > SLOW_AT_FIRST * like.bestOnAll) {
                untilTrial = 1;
            }
            return;
        }
        double slower = Math.min(cost / like.onOne, HOPELESS);
        lost = Math.max(0, lost + slower * (better() / BETTER) - 1);
        if (lost > LOST_ROWS) {
            change();
        }
    }

    /** A row was computed on one core in this time. */
    synchronized void ranOnOneCore(int tokens, long nanos) {
        double cost = cost(tokens, nanos);
        var like = like(tokens);
        like.onOne = average(like.onOne, cost);
        if (allCores) {
            endTrial(cost < better() * like.onAll);
        }
    }

    /** How much better one core must be than all. */
    private double better() {
        return compiling.getAsBoolean() ? BETTER_WHILE_COMPILING : BETTER;
    }

    private Costs like(int tokens) {
        int logarithm = Integer.SIZE - Integer.numberOfLeadingZeros(tokens);
        var known = costs[logarithm];
        if (known == null) {
            known = new Costs();
            costs[logarithm] = known;
        }
        return known;
    }

    private static double cost(int tokens, long nanos) {
        return (double) nanos / (tokens + FIXED_TOKENS);
    }

    private static double average(double before, double now) {
        return before == 0 ? now : before + NEW_WEIGHT * (now - before);
    }

    private void endTrial(boolean better) {
        trialRows = 0;
        if (better) {
            change();
        } else {
            pause = Math.min(MAX_PAUSE, 2 * pause);
            untilTrial = pause;
        }
    }

    private void change() {
        allCores = !allCores;
        lost = 0;
        // A way that was left at once was chosen by chance: it is tried as rarely as before.
        pause = rowsSinceChange > MAX_PAUSE / 4 ? MIN_PAUSE : Math.min(MAX_PAUSE, 2 * pause);
        untilTrial = pause;
        rowsSinceChange = 0;
    }
}
