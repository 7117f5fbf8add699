package dev.mtl.train.policy;

import java.util.SequencedMap;

/** Constant weights. */
public record StaticWeights(SequencedMap<String, Double> weights) implements LossBalance {}
