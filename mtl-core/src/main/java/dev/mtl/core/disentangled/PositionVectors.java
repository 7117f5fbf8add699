package dev.mtl.core.disentangled;

import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/**
 * The vectors of a layer that stand for distances: queries are multiplied by them as by keys, keys
 * as by queries.
 */
public interface PositionVectors {
    /**
     * The vectors of some rows of the position table, divided by the scale of the scores.
     *
     * @param keys {@code [rows, H]}, multiplied by queries; null if queries do not attend to
     *     positions
     * @param queries {@code [rows, H]}, multiplied by keys; null if positions do not attend to keys
     */
    record Pair(@Nullable Tensor keys, @Nullable Tensor queries) {}

    /** The vectors of neighbouring rows, owned by the innermost scope or by the encoder. */
    Pair rows(DistanceBuckets.Rows rows, Pass pass);

    /**
     * Computed in each pass, as weights change in training.
     *
     * @param table {@code [2 * span, H]}, shared by all layers; trains and freezes with the
     *     embeddings
     * @param norm of its rows, null for none; shared as well
     * @param dropout of the table while training, in each layer anew
     * @param key from the table to keys, null for none
     * @param query from the table to queries, null for none
     * @param scale by which vectors are multiplied
     */
    record Computed(
            Tensor table,
            @Nullable Norm norm,
            double dropout,
            @Nullable Linear key,
            @Nullable Linear query,
            double scale)
            implements PositionVectors {
        @Override
        public Pair rows(DistanceBuckets.Rows rows, Pass pass) {
            var normalized =
                    norm == null ? table : pass.ofEmbeddings(norm, () -> norm.apply(table));
            var some =
                    pass.mode()
                            .dropout(normalized, dropout)
                            .slice(0, rows.first(), (long) rows.first() + rows.count());
            return new Pair(project(key, some), project(query, some));
        }

        private @Nullable Tensor project(@Nullable Linear linear, Tensor some) {
            return linear == null ? null : linear.apply(some).mul(scale);
        }
    }

    /**
     * Computed when the encoder was loaded: its weights do not change.
     *
     * @param all of all rows
     */
    record Stored(Pair all) implements PositionVectors {
        @Override
        public Pair rows(DistanceBuckets.Rows rows, Pass pass) {
            return new Pair(slice(all.keys(), rows), slice(all.queries(), rows));
        }

        private static @Nullable Tensor slice(@Nullable Tensor vectors, DistanceBuckets.Rows rows) {
            return vectors == null
                    ? null
                    : vectors.slice(0, rows.first(), (long) rows.first() + rows.count());
        }
    }
}
