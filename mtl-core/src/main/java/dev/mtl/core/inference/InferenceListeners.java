package dev.mtl.core.inference;

import dev.mtl.core.InferenceListener;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes on what happens to listeners that may be added at any time. */
public final class InferenceListeners implements InferenceListener {
    private final List<InferenceListener> all = new CopyOnWriteArrayList<>();

    public void add(InferenceListener listener) {
        all.add(listener);
    }

    @Override
    public void onCall(Call call) {
        all.forEach(listener -> listener.onCall(call));
    }

    @Override
    public void onBatch(int rows, int tokens) {
        all.forEach(listener -> listener.onBatch(rows, tokens));
    }
}
