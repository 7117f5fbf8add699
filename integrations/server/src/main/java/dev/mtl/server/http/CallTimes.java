package dev.mtl.server.http;

import dev.mtl.core.InferenceListener;

/** What the pipelines' calls of a request took. Used by the request's thread alone. */
public final class CallTimes implements InferenceListener {
    private static final ScopedValue<CallTimes> CURRENT = ScopedValue.newInstance();

    /** Adds each call to the times of the request that its thread handles. */
    public static final InferenceListener LISTENER =
            new InferenceListener() {
                @Override
                public void onCall(Call call) {
                    if (CURRENT.isBound()) {
                        CURRENT.get().onCall(call);
                    }
                }
            };

    private int tokens;
    private long tokenizationNanos;
    private long queueNanos;
    private long inferenceNanos;

    void during(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    @Override
    public void onCall(Call call) {
        tokens += call.tokens();
        tokenizationNanos += call.tokenization().toNanos();
        queueNanos += call.queue().toNanos();
        inferenceNanos += call.inference().toNanos();
    }

    /** Special tokens included, after cutting. */
    public int tokens() {
        return tokens;
    }

    long tokenizationNanos() {
        return tokenizationNanos;
    }

    long queueNanos() {
        return queueNanos;
    }

    long inferenceNanos() {
        return inferenceNanos;
    }
}
