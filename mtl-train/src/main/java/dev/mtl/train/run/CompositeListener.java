package dev.mtl.train.run;

import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Passes events on to several listeners, in the order in which they were added. */
public final class CompositeListener implements TrainingListener {
    private final List<TrainingListener> listeners = new ArrayList<>();

    /** Adds a listener for the events from now on. */
    public void add(TrainingListener listener) {
        listeners.add(listener);
    }

    @Override
    public void onBegin() {
        listeners.forEach(TrainingListener::onBegin);
    }

    @Override
    public void onStep(Step step) {
        listeners.forEach(listener -> listener.onStep(step));
    }

    @Override
    public void onEvaluation(Evaluated evaluated) {
        listeners.forEach(listener -> listener.onEvaluation(evaluated));
    }

    @Override
    public void onFitted(Fitted fitted) {
        listeners.forEach(listener -> listener.onFitted(fitted));
    }

    @Override
    public void onTest(int step, Evaluation evaluation) {
        listeners.forEach(listener -> listener.onTest(step, evaluation));
    }

    @Override
    public void onNote(String note) {
        listeners.forEach(listener -> listener.onNote(note));
    }

    @Override
    public void onFirstPass(String source, long rows) {
        listeners.forEach(listener -> listener.onFirstPass(source, rows));
    }

    @Override
    public void onFeatures(int texts, int ofTexts) {
        listeners.forEach(listener -> listener.onFeatures(texts, ofTexts));
    }

    @Override
    public void onCheckpoint(int step, Path path) {
        listeners.forEach(listener -> listener.onCheckpoint(step, path));
    }
}
