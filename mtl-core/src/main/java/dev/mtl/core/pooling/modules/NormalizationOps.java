package dev.mtl.core.pooling.modules;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/** Normalization of tensors by operators, and of arrays in place. */
final class NormalizationOps {
    private static final double EPS = 1e-5;
    private static final float MIN_LENGTH = 1e-12f;

    private NormalizationOps() {}

    /**
     * Normalizes a batch.
     *
     * @param embeddings {@code [B, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    static Tensor normalize(Normalization normalization, Tensor embeddings) {
        return switch (normalization) {
            case NONE -> embeddings;
            case L2 -> {
                var norms = embeddings.square().sumKeepingDims(1).sqrt();
                var least = Tensors.scalar(MIN_LENGTH).to(embeddings.device());
                yield embeddings.div(norms.maximum(least));
            }
            case LAYER_NORM -> embeddings.layerNorm(null, null, EPS);
        };
    }

    /** Normalizes one embedding in place. */
    static void normalize(Normalization normalization, float[] embedding) {
        switch (normalization) {
            case NONE -> {}
            case L2 -> toUnitLength(embedding);
            case LAYER_NORM -> toUnitVariance(embedding);
        }
    }

    private static void toUnitLength(float[] embedding) {
        double squares = 0;
        for (float value : embedding) {
            squares += (double) value * value;
        }
        float norm = (float) Math.max(Math.sqrt(squares), 1e-12);
        for (int i = 0; i < embedding.length; i++) {
            embedding[i] /= norm;
        }
    }

    private static void toUnitVariance(float[] embedding) {
        double mean = 0;
        for (float value : embedding) {
            mean += value;
        }
        mean /= embedding.length;
        double variance = 0;
        for (float value : embedding) {
            variance += (value - mean) * (value - mean);
        }
        variance /= embedding.length;
        double scale = 1 / Math.sqrt(variance + EPS);
        for (int i = 0; i < embedding.length; i++) {
            embedding[i] = (float) ((embedding[i] - mean) * scale);
        }
    }
}
