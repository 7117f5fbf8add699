package dev.mtl.heads.contrastive;

import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.heads.Cosine;

import java.util.List;
import java.util.Map;

/** The embeddings of an anchor and its positive, of length 1. */
final class Pair implements ValuePrediction {
    private final float[] anchor;
    private final float[] text;

    Pair(float[] anchor, float[] text) {
        this.anchor = anchor.clone();
        this.text = text.clone();
    }

    /** The cosine of this anchor and another pair's positive. */
    double cosine(Pair other) {
        double sum = 0;
        for (int i = 0; i < anchor.length; i++) {
            sum += (double) anchor[i] * other.text[i];
        }
        return sum;
    }

    private Cosine own() {
        return new Cosine(cosine(this));
    }

    @Override
    public List<Double> values() {
        return own().values();
    }

    @Override
    public Map<String, Object> toJson() {
        return own().toJson();
    }

    @Override
    public String toText() {
        return own().toText();
    }
}
