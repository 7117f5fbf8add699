package dev.mtl.core.kernel;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

/**
 * Embeddings by operators on tables in memory.
 *
 * @param words {@code [vocabulary, E]}
 * @param types {@code [types, E]}, null for none
 * @param positions {@code [positions, E]}, null for none
 * @param firstPosition the row of a sequence's first token
 * @param projection to the width of the layers, null for none
 * @param norm of the sum, null for none
 * @param dropout of the result while training
 */
record TableEmbeddings(
        Tensor words,
        @Nullable Tensor types,
        @Nullable Tensor positions,
        int firstPosition,
        @Nullable Linear projection,
        @Nullable Norm norm,
        double dropout)
        implements Embeddings {
    @Override
    public Tensor forward(Pass pass) {
        try (var scope = TensorScope.open()) {
            var sum = sum(pass.batch());
            var wide = projection == null ? sum : projection.apply(sum.reshape(-1, words.size(1)));
            var normalized = norm == null ? wide : norm.apply(wide);
            var dropped = pass.mode().dropout(normalized, dropout);
            return scope.moveOut(dropped.view(-1, wide.size(-1)));
        }
    }

    /** Words, token types and positions, {@code [B, S, E]}, owned by the innermost scope. */
    Tensor sum(TokenBatch batch) {
        var sum = words.embedding(batch.ids());
        if (types != null) {
            sum = sum.add(types.embedding(batch.typeIds()));
        }
        if (positions == null) {
            return sum;
        }
        requirePositions(batch, positions.size(0) - firstPosition);
        return sum.add(positions.slice(0, firstPosition, firstPosition + batch.length()));
    }

    /**
     * Checks that a batch is no longer than an encoder has positions.
     *
     * @throws IllegalArgumentException if it is
     */
    static void requirePositions(TokenBatch batch, long positions) {
        if (batch.length() > positions) {
            throw new IllegalArgumentException(
                    batch.length() + " tokens, but this encoder has " + positions + " positions");
        }
    }
}
