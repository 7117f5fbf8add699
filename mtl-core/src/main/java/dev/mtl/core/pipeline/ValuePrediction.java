package dev.mtl.core.pipeline;

import dev.mtl.core.head.Prediction;

import java.util.List;

/** The prediction of a head that gives numbers, such as a rating or the similarity of two texts. */
public interface ValuePrediction extends Prediction {
    /** The numbers of a text, in the order of the training data's; at least one. */
    List<Double> values();

    /** The only number, or the first of several. */
    default double value() {
        return values().getFirst();
    }
}
