package dev.mtl.core.pooling.modules;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Pooling of tensors by operators, and of arrays token by token.
 *
 * @param batch the tokens
 * @param from for each row the index of the first token that is pooled; null where that is 0 in
 *     every row
 */
record PoolingOps(TokenBatch batch, int @Nullable [] from) {

    /**
     * Pools a batch.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    Tensor pool(Pooling pooling, Tensor tokens) {
        return switch (pooling) {
            case MEAN -> mean(tokens);
            case CLS -> from == null ? tokens.select(1, 0) : pick(tokens, from);
            case MAX -> max(tokens);
            case MEAN_SQRT_LEN_TOKENS -> sum(tokens, mask().to(tokens.dtype())).div(count().sqrt());
            case WEIGHTEDMEAN -> sum(tokens, positions().to(tokens.dtype()));
            case LASTTOKEN -> pick(tokens, last());
        };
    }

    private Tensor mean(Tensor tokens) {
        if (from == null && !batch.isPadded()) {
            return tokens.mean(1);
        }
        var mask = mask().to(tokens.dtype());
        return sum(tokens, mask).div(mask.sum(1).unsqueeze(1));
    }

    private Tensor max(Tensor tokens) {
        var mask = mask().unsqueeze(2);
        return tokens.maskedFill(mask.eq(mask.zerosLike()), Double.NEGATIVE_INFINITY).amax(1);
    }

    /**
     * The sum of the tokens of each row, weighted.
     *
     * @param weights {@code [B, S]}, of the tokens' dtype
     */
    private static Tensor sum(Tensor tokens, Tensor weights) {
        return weights.unsqueeze(1).bmm(tokens).squeeze(1);
    }

    /** How many tokens of each row are pooled: {@code [B, 1]}. */
    private Tensor count() {
        return mask().sum(1).unsqueeze(1);
    }

    /** {@code [B, S]}: 1 for a token that is pooled, else 0. */
    private Tensor mask() {
        return from == null ? batch.attentionMask() : weights((index, _, _) -> 1);
    }

    /** {@code [B, S]}: weights that grow with the position and sum up to 1 in each row. */
    private Tensor positions() {
        return weights((index, first, end) -> (float) ((index + 1) / positionSum(first, end)));
    }

    /** The weight of a token of a row whose pooled tokens are {@code [first, end)}. */
    private interface Weight {
        float of(int index, int first, int end);
    }

    private Tensor weights(Weight weight) {
        int length = batch.length();
        var values = new float[batch.rows() * length];
        for (int row = 0; row < batch.rows(); row++) {
            int first = from == null ? 0 : from[row];
            int end = batch.encodings().get(row).length();
            for (int i = first; i < end; i++) {
                values[row * length + i] = weight.of(i, first, end);
            }
        }
        return Tensors.of(values, batch.rows(), length).to(batch.device());
    }

    private int[] last() {
        return batch.encodings().stream().mapToInt(encoding -> encoding.length() - 1).toArray();
    }

    /** One token of each row. */
    private Tensor pick(Tensor tokens, int[] indices) {
        var index = Tensors.of(Arrays.stream(indices).asLongStream().toArray(), indices.length);
        return tokens.gather(
                        1,
                        index.to(batch.device())
                                .view(indices.length, 1, 1)
                                .expand(indices.length, 1, tokens.size(2)))
                .squeeze(1);
    }

    /** The sum of the positions of the tokens {@code [first, end)}, counted from 1. */
    private static double positionSum(int first, int end) {
        return ((double) end * (end + 1) - (double) first * (first + 1)) / 2;
    }

    /**
     * Adds the next token of a sequence to its embedding.
     *
     * @param index of the token in its sequence, from 0
     * @param first index of the first token that is pooled
     * @param embedding the sequence's, at {@code [offset, offset + H)}; zeros before the first
     *     token
     */
    static void add(
            Pooling pooling, float[] token, int index, int first, float[] embedding, int offset) {
        switch (pooling) {
            case MEAN, MEAN_SQRT_LEN_TOKENS -> {
                for (int i = 0; i < token.length; i++) {
                    embedding[offset + i] += token[i];
                }
            }
            case CLS -> {
                if (index == first) {
                    System.arraycopy(token, 0, embedding, offset, token.length);
                }
            }
            case MAX -> {
                for (int i = 0; i < token.length; i++) {
                    int at = offset + i;
                    embedding[at] = index == first ? token[i] : Math.max(embedding[at], token[i]);
                }
            }
            case WEIGHTEDMEAN -> {
                for (int i = 0; i < token.length; i++) {
                    embedding[offset + i] += (index + 1) * token[i];
                }
            }
            case LASTTOKEN -> System.arraycopy(token, 0, embedding, offset, token.length);
        }
    }

    /**
     * Completes an embedding after the last call of {@link #add}.
     *
     * @param width H
     * @param end index after the last token
     */
    static void finish(
            Pooling pooling, float[] embedding, int offset, int width, int first, int end) {
        float divisor =
                switch (pooling) {
                    case MEAN -> end - first;
                    case MEAN_SQRT_LEN_TOKENS -> (float) Math.sqrt(end - first);
                    case WEIGHTEDMEAN -> (float) positionSum(first, end);
                    case CLS, MAX, LASTTOKEN -> 1;
                };
        if (divisor != 1) {
            for (int i = offset; i < offset + width; i++) {
                embedding[i] /= divisor;
            }
        }
    }
}
