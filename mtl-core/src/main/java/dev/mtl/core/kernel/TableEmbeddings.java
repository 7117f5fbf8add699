package dev.mtl.core.kernel;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.Pass;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

/**
 * Embeddings by operators on tables in memory.
 *
 * @param words {@code [vocabulary, H]}
 * @param types {@code [types, H]}, null for none
 * @param positions {@code [positions, H]}, null for none
 * @param firstPosition the row of a sequence's first token
 * @param norm of the sum, null for none
 * @param dropout of the result while training
 */
record TableEmbeddings(
        Tensor words,
        @Nullable Tensor types,
        @Nullable Tensor positions,
        int firstPosition,
        @Nullable Norm norm,
        double dropout)
        implements Embeddings {
    @Override
    public Tensor forward(Pass pass) {
        try (var scope = TensorScope.open()) {
            var sum = sum(pass.batch());
            var normalized = norm == null ? sum : norm.apply(sum);
            var dropped = pass.mode().dropout(normalized, dropout);
            return scope.moveOut(dropped.view(-1, words.size(1)));
        }
    }

    /** Words, token types and positions, {@code [B, S, H]}, owned by the innermost scope. */
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
