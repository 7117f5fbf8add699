package dev.mtl.train;

import dev.mtl.train.progress.Outcome;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * How a training ended.
 *
 * @param outcome why it ended
 * @param model the directory of the best model so far, {@code output.dir}; training that was
 *     stopped before its first evaluation has not written to it
 * @param run the directory of the checkpoints and records, beside {@code model}
 * @param steps optimizer steps that are done, those before a resumption included
 * @param scores the best model's scores on the validation data, by task and name; empty if it was
 *     not scored
 * @param jointAccuracy the share of validation examples for which every task is right; empty unless
 *     several tasks share their texts
 * @param test the best model's scores on the test data, by task and name; empty if there is none
 * @param testJointAccuracy the share of test examples for which every task is right; empty unless
 *     several tasks share their texts
 */
public record TrainingResult(
        Outcome outcome,
        Path model,
        Path run,
        int steps,
        SequencedMap<String, Map<String, Double>> scores,
        OptionalDouble jointAccuracy,
        SequencedMap<String, Map<String, Double>> test,
        OptionalDouble testJointAccuracy) {}
