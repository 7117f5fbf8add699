package dev.mtl.train.run;

import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.workers.Workers;

/** The output of an encoder that never trains, which is computed once instead of in each epoch. */
final class FrozenFeatures {
    private FrozenFeatures() {}

    /** Computes and keeps it if it fits in memory, or says why not. */
    static void keep(
            TrainingSet training, Workers workers, TrainingListener listener, TrainingNotes notes) {
        if (training.isStreamed()) {
            notes.featuresOfStreams();
            return;
        }
        if (!training.readsLastLayer()) {
            notes.featuresOfLayers();
            return;
        }
        long bytes = training.featureBytes();
        if (TrainingSet.fitsInMemory(bytes)) {
            training.encode(workers, listener::onFeatures);
            notes.featuresKept(training.textCount(), bytes);
        } else {
            notes.featuresTooLarge(bytes);
        }
    }
}
