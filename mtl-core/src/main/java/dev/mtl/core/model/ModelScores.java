package dev.mtl.core.model;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * How good a model was when it was saved, on the validation data that chose it.
 *
 * @param step of the training, in optimizer steps
 * @param texts that were scored
 * @param tasks each task's scores by name
 * @param jointAccuracy the share of texts on which every task is entirely right; empty unless
 *     several tasks share their texts
 */
public record ModelScores(
        int step,
        int texts,
        SequencedMap<String, Map<String, Double>> tasks,
        OptionalDouble jointAccuracy) {}
