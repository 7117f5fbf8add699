package dev.mtl.core;

import java.time.Duration;

/** Hears of the work of a pipeline or an encoder; must be fast and thread-safe, and not throw. */
public interface InferenceListener {
    /**
     * A call that was answered.
     *
     * @param texts of the call
     * @param tokens of its texts, special tokens included, after cutting
     * @param tokenization time that the tokenizer took
     * @param queue time that the first of its texts waited for a thread
     * @param inference time from then until the last of its texts was computed
     */
    record Call(int texts, int tokens, Duration tokenization, Duration queue, Duration inference) {}

    /** A call was answered. Called on its thread. */
    default void onCall(Call call) {}

    /**
     * A batch was computed. Called on the thread that computed it.
     *
     * @param rows of the batch, from one call or several
     * @param tokens of the rows, without padding
     */
    default void onBatch(int rows, int tokens) {}
}
