package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.progress.Evaluation;

import java.util.List;
import java.util.SequencedMap;

/**
 * Datasets with a model's predictions for them.
 *
 * @param model is asked how its heads are scored; it may be closed
 */
public record ScoredData(MultiTaskModel model, List<Part> parts) {
    public ScoredData {
        parts = List.copyOf(parts);
    }

    /**
     * A dataset.
     *
     * @param predictions by task, for each example
     */
    public record Part(
            TokenizedDataset dataset, List<SequencedMap<String, Prediction>> predictions) {
        public Part {
            predictions = List.copyOf(predictions);
        }

        Example example(int index) {
            return dataset.examples().get(index).example();
        }
    }

    /** Receives an example, what the model says of it, and for each task whether it is right. */
    public interface Visitor {
        void visit(
                Example example,
                SequencedMap<String, Prediction> predictions,
                SequencedMap<String, Boolean> right);
    }

    /** The tasks that have data. */
    List<String> tasks() {
        return parts.stream().flatMap(part -> part.dataset.tasks().stream()).toList();
    }

    /**
     * The scores of all examples.
     *
     * @throws ConfigurationException if a head cannot be scored by a target
     */
    public Evaluation evaluation() {
        return evaluation((example, predictions, right) -> {});
    }

    /**
     * The scores of all examples.
     *
     * @param visitor receives each of them, in the order of the data
     * @throws ConfigurationException if a head cannot be scored by a target
     */
    public Evaluation evaluation(Visitor visitor) {
        var scorer = new Scorer(model, tasks());
        for (var part : parts) {
            for (int i = 0; i < part.predictions.size(); i++) {
                var example = part.example(i);
                var predictions = part.predictions.get(i);
                visitor.visit(
                        example,
                        predictions,
                        scorer.add(example, part.dataset.tasks(), predictions));
            }
        }
        return scorer.evaluation();
    }
}
