package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Constant weights. */
public record StaticWeights(SequencedMap<String, Double> weights) implements LossBalance {
    @Override
    public void afterStep(Map<String, Double> losses) {}

    @Override
    public SequencedMap<String, Double> state() {
        return new LinkedHashMap<>();
    }

    @Override
    public void restore(Map<String, Double> state) {}
}
