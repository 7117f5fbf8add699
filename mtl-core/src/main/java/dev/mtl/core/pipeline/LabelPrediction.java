package dev.mtl.core.pipeline;

import dev.mtl.core.head.Prediction;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The prediction of a head that chooses among labels. */
public interface LabelPrediction extends Prediction {
    /** All labels, best first. */
    List<Label> labels();

    /**
     * The label that the head chose; empty if it chose none, because it rejected the text or
     * because no label applies.
     */
    Optional<Label> label();

    /** The labels that apply, best first: those of a multi-label head, else {@link #label}. */
    default List<Label> predicted() {
        return label().stream().toList();
    }

    /**
     * Whether the head rejected the text as none of its labels; {@link #labels} has the nearest
     * ones all the same.
     */
    default boolean rejected() {
        return false;
    }

    /** Whether the text has no words, so that no label means anything. */
    default boolean emptyText() {
        return false;
    }

    /** {@link #toJson()} with {@code labels}: each with its {@code label} and {@code score}. */
    @Override
    default Map<String, Object> toJson(int topK) {
        var json = new LinkedHashMap<>(toJson());
        json.put("labels", labels().stream().limit(topK).map(Label::toJson).toList());
        return json;
    }
}
