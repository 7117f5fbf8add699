package dev.mtl.train;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.run.Evaluator;

import java.nio.file.Path;
import java.util.Optional;

/** Scores the best model on the test data once training is over. */
final class TestScores {
    private TestScores() {}

    /** What is done with the model and its scores. */
    interface Save {
        void save(MultiTaskModel model, Evaluation test);
    }

    /**
     * Scores the model in a directory.
     *
     * @return its scores; empty if there is no test data
     */
    static Optional<Evaluation> add(
            PreparedRun prepared,
            HeadRegistry heads,
            Path directory,
            TrainingListener listener,
            Save save) {
        if (prepared.test().isEmpty()) {
            return Optional.empty();
        }
        try (var model = ModelFiles.load(directory, heads, prepared.device())) {
            var test = new Evaluator(model, prepared.workers().count()).evaluate(prepared.test());
            save.save(model, test);
            listener.onTest(ModelFiles.savedAfter(directory).orElse(0), test);
            return Optional.of(test);
        }
    }
}
