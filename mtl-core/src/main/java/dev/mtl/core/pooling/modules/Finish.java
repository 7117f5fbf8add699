package dev.mtl.core.pooling.modules;

import dev.mtl.core.pooling.Normalization;

import java.util.Arrays;

/**
 * What happens to an embedding after its {@link Readout}, where that cannot do it in one pass.
 *
 * @param own the model's normalization, of the whole vector
 * @param dimensions how many of the first dimensions are kept
 * @param asked a normalization of what is kept
 */
public record Finish(Normalization own, int dimensions, Normalization asked) {

    /**
     * Finishes an embedding.
     *
     * @param embedding may be changed
     * @return {@link #dimensions} numbers, fewer if there are fewer
     */
    public float[] apply(float[] embedding) {
        NormalizationOps.normalize(own, embedding);
        var kept = dimensions < embedding.length ? Arrays.copyOf(embedding, dimensions) : embedding;
        NormalizationOps.normalize(asked, kept);
        return kept;
    }
}
