package dev.mtl.heads;

/** How many of some answers are right. */
public final class Ratio {
    private long right;
    private long all;

    /** Nothing is counted yet. */
    public Ratio() {}

    /** Counts an answer; returns whether it is right. */
    public boolean add(boolean isRight) {
        right += isRight ? 1 : 0;
        all++;
        return isRight;
    }

    /** The share of right answers; 0 if there are none. */
    public double value() {
        return all == 0 ? 0 : (double) right / all;
    }
}
