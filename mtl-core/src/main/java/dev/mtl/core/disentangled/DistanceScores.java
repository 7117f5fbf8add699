package dev.mtl.core.disentangled;

import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.TokenLayout.Run;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

/**
 * What the distance of a query i and a key j adds to their attention score: {@code q_i k'_row(i -
 * j) + k_j q'_row(i - j)}, where k' and q' are the {@link PositionVectors} of a layer.
 *
 * @param buckets shared by all layers
 */
public record DistanceScores(DistanceBuckets buckets, PositionVectors vectors) {
    /**
     * The products of all tokens with the vectors of all distances in a pass.
     *
     * @param ofQueries {@code [heads, T, rows]}; null if queries do not attend to positions
     * @param ofKeys {@code [heads, T, rows]}; null if positions do not attend to keys
     * @param index {@code [1, 1, S, S]}, INT64: the row for each query and key
     */
    record Products(@Nullable Tensor ofQueries, @Nullable Tensor ofKeys, Tensor index) {
        /**
         * What is added to the scores of sequences of one length; null for nothing.
         *
         * @return {@code [sequences, heads, length, length]}
         */
        @Nullable Tensor bias(Run run) {
            var square = index.slice(2, 0, run.length()).slice(3, 0, run.length());
            try (var scope = TensorScope.open()) {
                var sum = ofQueries == null ? null : gather(ofQueries, run, square);
                if (ofKeys != null) {
                    var byKey = gather(ofKeys, run, square.transpose(2, 3)).transpose(2, 3);
                    sum = sum == null ? byKey.contiguous() : sum.add(byKey);
                }
                return sum == null ? null : scope.moveOut(sum.transpose(0, 1));
            }
        }

        private static Tensor gather(Tensor products, Run run, Tensor index) {
            long heads = products.size(0);
            int length = run.length();
            return products.slice(1, run.first(), (long) run.first() + run.rows())
                    .view(heads, run.sequences(), length, products.size(2))
                    .gather(3, index.expand(heads, run.sequences(), length, length));
        }
    }

    /**
     * Multiplies all tokens of a pass.
     *
     * @param queries {@code [heads, T, d]}
     * @param keys {@code [heads, T, d]}
     */
    Products products(Tensor queries, Tensor keys, Pass pass) {
        int length = pass.batch().length();
        var rows = buckets.rows(length);
        var index =
                pass.constant(
                        buckets,
                        () ->
                                Tensors.of(
                                                buckets.indices(length, rows.first()),
                                                1,
                                                1,
                                                length,
                                                length)
                                        .to(pass.batch().device()));
        var pair = vectors.rows(rows, pass);
        return new Products(multiply(queries, pair.keys()), multiply(keys, pair.queries()), index);
    }

    private static @Nullable Tensor multiply(Tensor heads, @Nullable Tensor vectors) {
        return vectors == null
                ? null
                : heads.bmm(
                        vectors.view(vectors.size(0), heads.size(0), heads.size(2))
                                .permute(1, 2, 0));
    }
}
