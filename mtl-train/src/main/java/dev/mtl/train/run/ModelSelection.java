package dev.mtl.train.run;

import dev.mtl.core.model.ModelWriter;
import dev.mtl.train.checkpoint.TrainerState;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.step.DataParallelism;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Scores the model on the validation data, and saves it whenever it is the best so far. */
final class ModelSelection {
    private final DividedEvaluator evaluator;
    private final RetrievalEvaluator retrieval;
    private final List<TokenizedDataset> validation;
    private final BestMetric metric;
    private final DataParallelism parallelism;
    private final int stepsPerEpoch;
    private final TrainingListener listener;
    private final TrainingNotes notes;
    private final Consumer<Optional<ModelWriter.Scores>> saveBest;

    /**
     * A selection.
     *
     * @param retrieval searches the corpora of tasks
     * @param validation encoded for the model; if empty, the last model is the best
     * @param parallelism says which process scores and saves
     * @param saveBest writes the model, with its scores if there is validation data
     */
    ModelSelection(
            DividedEvaluator evaluator,
            RetrievalEvaluator retrieval,
            List<TokenizedDataset> validation,
            BestMetric metric,
            DataParallelism parallelism,
            int stepsPerEpoch,
            TrainingListener listener,
            Consumer<Optional<ModelWriter.Scores>> saveBest) {
        this.evaluator = evaluator;
        this.retrieval = retrieval;
        this.validation = List.copyOf(validation);
        this.metric = metric;
        this.parallelism = parallelism;
        this.stepsPerEpoch = stepsPerEpoch;
        this.listener = listener;
        this.saveBest = saveBest;
        notes = new TrainingNotes(listener);
    }

    /**
     * Scores the model as it is. All processes share the batches, and have the same weights.
     *
     * @param last whether it is the last one, which is saved if there is no validation data
     * @return the state after it
     */
    TrainerState evaluate(TrainerState state, boolean last) {
        if (validation.isEmpty()) {
            return withoutData(state, last);
        }
        long begun = System.nanoTime();
        var predicted = evaluator.predict(validation);
        var found = retrieval.evaluate();
        return predicted.isPresent() ? select(state, predicted.get(), found, begun) : follow(state);
    }

    /** Scores the last model while the other processes wait, whose weights may be others. */
    TrainerState evaluateLastByWriter(TrainerState state) {
        if (validation.isEmpty()) {
            return withoutData(state, true);
        }
        long begun = System.nanoTime();
        return parallelism.writes()
                ? select(
                        state, evaluator.predictAlone(validation), retrieval.evaluateAlone(), begun)
                : follow(state);
    }

    private TrainerState withoutData(TrainerState state, boolean last) {
        if (last) {
            save(Optional.empty());
        }
        return state;
    }

    /** The state by the score of the process that writes. */
    private TrainerState follow(TrainerState state) {
        double score = parallelism.ofWriter(Double.NaN);
        return state.afterEvaluation(score, metric.isBetter(score, state.bestScore()));
    }

    private TrainerState select(
            TrainerState state,
            ScoredData predicted,
            Map<String, Map<String, Double>> found,
            long begun) {
        var mistakes = new Mistakes();
        var evaluation = predicted.evaluation(mistakes).and(found);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double score = parallelism.ofWriter(metric.of(evaluation));
        if (Double.isNaN(score)) {
            notes.scoreIsNaN(state.step(), metric.name());
        }
        boolean best = metric.isBetter(score, state.bestScore());
        if (best) {
            save(Optional.of(evaluation.toScores(state.step())));
        }
        listener.onEvaluation(
                new TrainingListener.Evaluated(
                        state.step(),
                        (double) state.step() / stepsPerEpoch,
                        state.meanLoss(),
                        best ? mistakes.addTo(evaluation) : evaluation,
                        best,
                        seconds));
        return state.afterEvaluation(score, best);
    }

    private void save(Optional<ModelWriter.Scores> scores) {
        if (parallelism.writes()) {
            saveBest.accept(scores);
        }
    }
}
