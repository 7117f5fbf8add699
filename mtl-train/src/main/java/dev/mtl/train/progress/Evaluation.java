package dev.mtl.train.progress;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.model.ModelWriter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * Scores of a model on a data set.
 *
 * @param tasks each task's scores by name
 * @param jointAccuracy the share of examples for which every task is right; empty unless several
 *     tasks share their texts
 * @param rows how many examples were scored
 * @param details each task's scores label by label
 */
public record Evaluation(
        SequencedMap<String, Map<String, Double>> tasks,
        OptionalDouble jointAccuracy,
        int rows,
        SequencedMap<String, Details> details) {
    /**
     * A task's scores label by label, as its {@link dev.mtl.core.head.Metric} gives them.
     *
     * @param byLabel scores by label or type of entity
     * @param confusion which labels were taken for which
     * @param mistakes some of the examples that the task has wrong, those of the most frequent
     *     kinds first; empty unless the model is the best one of a training so far
     */
    public record Details(
            Map<String, Map<String, Double>> byLabel,
            Optional<ConfusionMatrix> confusion,
            List<Mistake> mistakes) {
        private static final List<String> MEANS = List.of("precision", "recall", "f1");

        public Details {
            mistakes = List.copyOf(mistakes);
        }

        /**
         * The means of {@code precision}, {@code recall} and {@code f1} over the labels, each of
         * which counts the same; empty if labels have no such scores.
         */
        public SequencedMap<String, Double> macro() {
            var means = new LinkedHashMap<String, Double>();
            if (hasCounts()) {
                for (var name : MEANS) {
                    means.put(
                            name,
                            byLabel.values().stream()
                                    .mapToDouble(scores -> of(scores, name))
                                    .average()
                                    .orElse(0));
                }
            }
            return means;
        }

        /**
         * {@code precision}, {@code recall} and {@code f1} of all decisions together; empty if
         * labels have no such scores.
         */
        public SequencedMap<String, Double> micro() {
            var micro = new LinkedHashMap<String, Double>();
            if (hasCounts()) {
                double gold = 0;
                double predicted = 0;
                double right = 0;
                for (var scores : byLabel.values()) {
                    gold += of(scores, "support");
                    predicted += of(scores, "predicted");
                    right += of(scores, "recall") * of(scores, "support");
                }
                micro.put("precision", predicted == 0 ? 0 : right / predicted);
                micro.put("recall", gold == 0 ? 0 : right / gold);
                micro.put("f1", predicted + gold == 0 ? 0 : 2 * right / (predicted + gold));
            }
            return micro;
        }

        private boolean hasCounts() {
            return !byLabel.isEmpty()
                    && byLabel.values().stream()
                            .allMatch(
                                    scores ->
                                            scores.keySet().containsAll(MEANS)
                                                    && scores.containsKey("support")
                                                    && scores.containsKey("predicted"));
        }

        private static double of(Map<String, Double> scores, String name) {
            return scores.getOrDefault(name, 0.0);
        }
    }

    /**
     * An example that a task has wrong, as a person reads it: texts may be cut short.
     *
     * @param place where the example comes from, such as file and line
     * @param text of the example; several are separated by {@code " | "}
     * @param gold what the data says: labels or numbers, or the entities that were missed
     * @param predicted what the model says: labels or numbers, or the entities that the data does
     *     not have
     * @param confidence the probability of the label or entity that is wrong, 0 to 1, before
     *     calibration; empty if nothing was predicted, or no label
     */
    public record Mistake(
            String place, String text, String gold, String predicted, OptionalDouble confidence) {}

    /**
     * The same with more scores.
     *
     * @param more by task; those that this evaluation has already stay as they are
     */
    public Evaluation and(Map<String, Map<String, Double>> more) {
        var all = new LinkedHashMap<String, Map<String, Double>>();
        tasks.forEach(
                (task, scores) -> {
                    var own = new LinkedHashMap<>(scores);
                    more.getOrDefault(task, Map.of()).forEach(own::putIfAbsent);
                    all.put(task, own);
                });
        return new Evaluation(all, jointAccuracy, rows, details);
    }

    /** The scores to be saved with a model. */
    @SuppressWarnings("exports") // for MTL's own modules
    public ModelWriter.Scores toScores(int step) {
        return new ModelWriter.Scores(step, rows, tasks, jointAccuracy);
    }
}
