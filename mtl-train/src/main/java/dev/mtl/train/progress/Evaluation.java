package dev.mtl.train.progress;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.model.ModelWriter;

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
     */
    public record Details(
            Map<String, Map<String, Double>> byLabel, Optional<ConfusionMatrix> confusion) {}

    /** The scores to be saved with a model. */
    @SuppressWarnings("exports") // for MTL's own modules
    public ModelWriter.Scores toScores(int step) {
        return new ModelWriter.Scores(step, rows, tasks, jointAccuracy);
    }
}
