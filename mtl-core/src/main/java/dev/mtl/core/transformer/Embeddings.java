package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/** From token ids to the input of the first layer. */
@FunctionalInterface
public interface Embeddings {
    /**
     * The embeddings of a batch's tokens, padding included.
     *
     * @return {@code [B * S, H]}, owned by the innermost scope
     * @throws IllegalArgumentException if the batch is longer than there are positions, or has an
     *     id outside of the vocabulary
     */
    Tensor forward(Pass pass);

    /**
     * What a token's embedding is made of: the sum of a row of each table, normalized where there
     * is a norm. Tables are as wide as H, or E with a projection.
     *
     * @param words name of the table {@code [vocabulary, E]} by token id
     * @param types name of the table {@code [types, E]} by segment, null for none
     * @param positions name of the table {@code [positions, E]}, null for none
     * @param firstPosition the row of a sequence's first token
     * @param projection name of the linear layer from E to H before the normalization, without a
     *     bias; null for none
     * @param norm name of the layer normalization, null for none
     * @param normBias whether it has a bias
     * @param eps what it adds to the variance
     * @param dropout of the result while training
     */
    record Names(
            String words,
            @Nullable String types,
            @Nullable String positions,
            int firstPosition,
            @Nullable String projection,
            @Nullable String norm,
            boolean normBias,
            double eps,
            double dropout) {}
}
