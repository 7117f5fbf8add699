package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.progress.Evaluation;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

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

        private Part ofTasks(Collection<String> names) {
            var tasks = dataset.tasks().stream().filter(names::contains).toList();
            var kept =
                    IntStream.range(0, predictions.size())
                            .filter(i -> tasks.stream().anyMatch(example(i).targets()::containsKey))
                            .boxed()
                            .toList();
            return new Part(
                    new TokenizedDataset(
                            dataset.source(),
                            tasks,
                            kept.stream().map(dataset.examples()::get).toList()),
                    kept.stream().map(predictions::get).toList());
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
    public List<String> tasks() {
        return parts.stream().flatMap(part -> part.dataset.tasks().stream()).toList();
    }

    /** The rows of some tasks, and these tasks alone. */
    public ScoredData ofTasks(Collection<String> names) {
        return new ScoredData(
                model,
                parts.stream()
                        .map(part -> part.ofTasks(names))
                        .filter(part -> !part.dataset.tasks().isEmpty())
                        .toList());
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
     * Draws rows with replacement, as many of each dataset as it has.
     *
     * @return positions of examples, for each dataset
     */
    int[][] sample(SplittableRandom random) {
        var rows = new int[parts.size()][];
        for (int i = 0; i < rows.length; i++) {
            int size = parts.get(i).predictions.size();
            rows[i] = random.ints(size, 0, size).toArray();
        }
        return rows;
    }

    /**
     * The scores of some examples.
     *
     * @param rows positions of examples, for each dataset
     */
    Evaluation evaluation(int[][] rows) {
        var scorer = new Scorer(model, tasks());
        for (int i = 0; i < rows.length; i++) {
            var part = parts.get(i);
            for (int row : rows[i]) {
                scorer.add(part.example(row), part.dataset.tasks(), part.predictions.get(row));
            }
        }
        return scorer.evaluation();
    }

    /**
     * Checks that another model was asked about the same examples.
     *
     * @throws ConfigurationException if it was not
     */
    void requireSameExamples(ScoredData other) {
        boolean same = parts.size() == other.parts.size();
        for (int i = 0; same && i < parts.size(); i++) {
            var own = parts.get(i).dataset;
            var others = other.parts.get(i).dataset;
            same =
                    own.tasks().equals(others.tasks())
                            && places(own).equals(places(others))
                            && own.source().equals(others.source());
        }
        if (!same) {
            throw new ConfigurationException(
                    "the models are not scored on the same rows: some were left out for one of"
                            + " them; on_unknown_label: wrong leaves out none");
        }
    }

    private static List<?> places(TokenizedDataset dataset) {
        return dataset.examples().stream()
                .map(TokenizedExample::example)
                .map(
                        example ->
                                Map.entry(
                                        example.place(),
                                        dataset.tasks().stream()
                                                .filter(example.targets()::containsKey)
                                                .toList()))
                .toList();
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
