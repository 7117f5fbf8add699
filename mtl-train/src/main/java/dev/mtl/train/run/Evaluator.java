package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceListener;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.progress.Evaluation;

import java.util.ArrayList;
import java.util.List;

/** Scores a model on labelled data. */
public final class Evaluator {
    private final MultiTaskModel model;
    private final int threads;

    /**
     * @param threads that predict
     */
    public Evaluator(MultiTaskModel model, int threads) {
        this.model = model;
        this.threads = threads;
    }

    /**
     * Predicts every example and compares the predictions with its targets.
     *
     * @param datasets encoded for this model
     * @throws ConfigurationException if a head cannot be scored by a target
     */
    public Evaluation evaluate(List<TokenizedDataset> datasets) {
        return predict(datasets, new InferenceListener() {}).evaluation();
    }

    /**
     * Predicts every example.
     *
     * @param datasets encoded for this model
     * @param listener hears of batches
     */
    public ScoredData predict(List<TokenizedDataset> datasets, InferenceListener listener) {
        var parts = new ArrayList<ScoredData.Part>();
        var options = Predictor.Options.of(model).withThreads(threads);
        try (var predictor = new Predictor(model, options, listener)) {
            for (var dataset : datasets) {
                parts.add(
                        new ScoredData.Part(
                                dataset,
                                predictor.predictTokenized(
                                        dataset.examples().stream()
                                                .map(TokenizedExample::texts)
                                                .toList(),
                                        dataset.tasks())));
            }
        }
        return new ScoredData(model, parts);
    }
}
