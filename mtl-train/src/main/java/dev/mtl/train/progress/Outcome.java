package dev.mtl.train.progress;

/** How training ended. */
public enum Outcome {
    /** All steps are done. */
    FINISHED,
    /** No better model came for as many evaluations as the configuration waits. */
    STOPPED_EARLY,
    /** A stop was requested; the last checkpoint is of the last step. */
    INTERRUPTED
}
