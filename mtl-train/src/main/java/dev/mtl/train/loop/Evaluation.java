package dev.mtl.train.loop;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * Scores of a model on a data set.
 *
 * @param tasks each task's scores by name
 * @param jointAccuracy the share of texts on which every task is entirely right; empty unless
 *     several tasks share their texts
 * @param rows how many texts were scored
 */
public record Evaluation(
        SequencedMap<String, Map<String, Double>> tasks, OptionalDouble jointAccuracy, int rows) {}
