package dev.mtl.core.pipeline;

import dev.mtl.core.head.Prediction;

import java.util.List;
import java.util.Optional;

/** The prediction of a head that chooses among labels. */
public interface LabelPrediction extends Prediction {
    /** All labels, best first. */
    List<Label> labels();

    /** The label that the head chose; empty if it chose none. */
    Optional<Label> label();
}
