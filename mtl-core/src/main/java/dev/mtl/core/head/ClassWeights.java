package dev.mtl.core.head;

import com.fasterxml.jackson.annotation.JsonCreator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an item of a class counts in a loss: a setting of heads, which YAML and {@code mtl.json}
 * write as {@code {refund: 3.0}} or as the word {@code balanced}.
 */
public sealed interface ClassWeights {
    /** The word for {@link Balanced}. */
    String BALANCED = "balanced";

    /**
     * Weights by label.
     *
     * @param byLabel above 0 and finite; 1 for labels that are not named
     */
    record Given(Map<String, Double> byLabel) implements ClassWeights {
        public Given {
            byLabel = new TreeMap<>(byLabel);
            byLabel.forEach(
                    (label, weight) -> {
                        if (!(weight > 0) || weight.isInfinite()) {
                            throw new IllegalArgumentException(
                                    "class_weights has "
                                            + weight
                                            + " for '"
                                            + label
                                            + "', it must be above 0 and finite");
                        }
                    });
        }

        @Override
        public Object written() {
            return byLabel;
        }
    }

    /**
     * Weights by which every class of the training data counts the same in sum: the number of items
     * over the product of the number of classes and the items of the class, as scikit-learn's
     * {@code class_weight="balanced"}.
     */
    record Balanced() implements ClassWeights {
        @Override
        public Object written() {
            return BALANCED;
        }
    }

    /** Weights of 1. */
    static ClassWeights none() {
        return new Given(Map.of());
    }

    /** What {@link #written} gave: a map of numbers by label, or {@code balanced}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ClassWeights of(Object written) {
        if (written.equals(BALANCED)) {
            return new Balanced();
        }
        if (!(written instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(
                    "takes {label: weight} or " + BALANCED + ", not '" + written + "'");
        }
        var byLabel = new LinkedHashMap<String, Double>();
        map.forEach(
                (label, weight) -> {
                    if (!(weight instanceof Number number)) {
                        throw new IllegalArgumentException(
                                "takes a number for '" + label + "', not '" + weight + "'");
                    }
                    byLabel.put(String.valueOf(label), number.doubleValue());
                });
        return new Given(byLabel);
    }

    /** A map of numbers by label, or {@code balanced}. */
    Object written();

    /** Whether some class may count more or less than another. */
    default boolean areSet() {
        return !(this instanceof Given given && given.byLabel().isEmpty());
    }

    /** The weights for training data with these numbers of items by class. */
    default ClassWeights forCounts(Map<String, Integer> counts) {
        if (this instanceof Given) {
            return this;
        }
        double items = counts.values().stream().mapToInt(Integer::intValue).sum();
        var weights = new TreeMap<String, Double>();
        counts.forEach((label, count) -> weights.put(label, items / (counts.size() * count)));
        return new Given(weights);
    }
}
