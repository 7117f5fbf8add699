package dev.mtl.core.bert;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.AttentionBias;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/**
 * MPNet's relative position bias: one value for each head and each of 32 buckets of the distance
 * between two tokens, shared by all layers.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/mpnet/modeling_mpnet.py">modeling_mpnet.py,
 *     {@code relative_position_bucket}</a>
 */
public record RelativePositions(Tensor table) implements AttentionBias {
    /** The table {@code [32, heads]}, which trains with the embeddings. */
    public static final String WEIGHT = "embeddings.relative_attention_bias.weight";

    static final int BUCKETS = 32;
    private static final int EACH_WAY = BUCKETS / 2;
    private static final int EXACT = EACH_WAY / 2;
    private static final int FARTHEST = 128;

    /** {@code [1, heads, S, S]}. */
    @Override
    public Tensor of(TokenBatch batch) {
        int length = batch.length();
        var buckets = Tensors.of(buckets(length), (long) length * length).to(table.device());
        return table.embedding(buckets).transpose(0, 1).reshape(1, table.size(1), length, length);
    }

    /** The row of the table for each pair of tokens, row by row {@code [S, S]}. */
    public static long[] buckets(int length) {
        var buckets = new long[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                buckets[query * length + key] = bucket(key - query);
            }
        }
        return buckets;
    }

    /**
     * The bucket of a distance. Distances below 8 have a bucket each, larger ones share logarithmic
     * buckets up to 128; keys after the query have buckets of their own.
     *
     * @param ahead position of the key minus position of the query
     */
    static int bucket(int ahead) {
        int side = ahead > 0 ? EACH_WAY : 0;
        int distance = Math.abs(ahead);
        if (distance < EXACT) {
            return side + distance;
        }
        // In FLOAT32 as in the reference: rounding decides at the bucket borders.
        float share =
                (float) Math.log(distance / (float) EXACT)
                        / (float) Math.log((double) FARTHEST / EXACT);
        return side + Math.min(EACH_WAY - 1, EXACT + (int) (share * (EACH_WAY - EXACT)));
    }
}
