package dev.mtl.core.pooling.modules;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.torch.Tensor;

/** Pooling of tensors by operators, and of arrays token by token. */
final class PoolingOps {
    private PoolingOps() {}

    /**
     * Pools a batch.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    static Tensor pool(Pooling pooling, Tensor tokens, TokenBatch batch) {
        return switch (pooling) {
            case MEAN -> mean(tokens, batch);
            case CLS -> tokens.select(1, 0);
            case MAX -> max(tokens, batch);
        };
    }

    private static Tensor mean(Tensor tokens, TokenBatch batch) {
        if (!batch.isPadded()) {
            return tokens.mean(1);
        }
        var mask = batch.attentionMask().to(tokens.dtype());
        var sums = mask.unsqueeze(1).bmm(tokens).squeeze(1);
        return sums.div(mask.sum(1).unsqueeze(1));
    }

    private static Tensor max(Tensor tokens, TokenBatch batch) {
        var padding =
                batch.attentionMask()
                        .unsqueeze(2)
                        .eq(batch.attentionMask().zerosLike().unsqueeze(2));
        return tokens.maskedFill(padding, Double.NEGATIVE_INFINITY).amax(1);
    }

    /**
     * Adds the next token of a sequence to its embedding.
     *
     * @param index of the token in its sequence, from 0
     * @param embedding zeros before the first token
     */
    static void add(Pooling pooling, float[] token, int index, float[] embedding) {
        switch (pooling) {
            case MEAN -> {
                for (int i = 0; i < embedding.length; i++) {
                    embedding[i] += token[i];
                }
            }
            case CLS -> {
                if (index == 0) {
                    System.arraycopy(token, 0, embedding, 0, token.length);
                }
            }
            case MAX -> {
                for (int i = 0; i < embedding.length; i++) {
                    embedding[i] = index == 0 ? token[i] : Math.max(embedding[i], token[i]);
                }
            }
        }
    }

    /** Completes an embedding after the last call of {@link #add}. */
    static void finish(Pooling pooling, float[] embedding, int tokens) {
        if (pooling == Pooling.MEAN) {
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] /= tokens;
            }
        }
    }
}
