package dev.mtl.core.disentangled;

/**
 * Which row of the position table is that of a distance between two tokens. The first row is of
 * keys that come farthest after their query, the middle row of distance 0, the last of keys that
 * come farthest before it; equal distances to both sides are as many rows from the middle.
 *
 * @param span half of the rows of the table
 * @param farthest the distance that has the last bucket: distances below half of {@code span} have
 *     a row each, larger ones share rows in logarithmic buckets; 0 if all distances have a row each
 * @param maxLength the most tokens of a sequence
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/deberta_v2/modeling_deberta_v2.py">modeling_deberta_v2.py,
 *     {@code make_log_bucket_position}</a>
 */
public record DistanceBuckets(int span, int farthest, int maxLength) {
    /**
     * Neighbouring rows of the table.
     *
     * @param first the lowest
     * @param count how many
     */
    record Rows(int first, int count) {}

    /** The rows of all distances in sequences of up to {@code length} tokens. */
    Rows rows(int length) {
        int first = row(1 - length);
        return new Rows(first, row(length - 1) - first + 1);
    }

    /**
     * The row for each query and key.
     *
     * @param first is subtracted from all rows
     * @return {@code [length, length]}, row by row
     * @throws IllegalArgumentException if there are more tokens than positions
     */
    public long[] indices(int length, int first) {
        if (length > maxLength) {
            throw new IllegalArgumentException(
                    length + " tokens, but this encoder has " + maxLength + " positions");
        }
        var byDistance = new long[2 * length - 1];
        for (int i = 0; i < byDistance.length; i++) {
            byDistance[i] = (long) row(i - length + 1) - first;
        }
        var indices = new long[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                indices[query * length + key] = byDistance[query - key + length - 1];
            }
        }
        return indices;
    }

    /**
     * The row of a distance.
     *
     * @param distance position of the query minus position of the key
     */
    int row(int distance) {
        return Math.clamp((long) bucket(distance) + span, 0, 2 * span - 1);
    }

    private int bucket(int distance) {
        int middle = span / 2;
        int far = Math.abs(distance);
        if (farthest == 0 || far <= middle) {
            return distance;
        }
        // In FLOAT32 as in the reference: rounding decides at the bucket borders.
        float share =
                (float) Math.log(far / (float) middle)
                        / (float) Math.log((float) ((farthest - 1.0) / middle));
        return Integer.signum(distance) * ((int) Math.ceil(share * (middle - 1)) + middle);
    }
}
