package dev.mtl.core.pooling;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Tensor;

/**
 * How a sentence's token embeddings become one vector; padding is ignored.
 *
 * @see <a
 *     href="https://github.com/huggingface/sentence-transformers/blob/master/sentence_transformers/models/Pooling.py">Pooling.py</a>
 */
public enum Pooling {
    /** The mean over all real tokens, [CLS] and [SEP] included (Reimers, Gurevych 2019). */
    MEAN {
        @Override
        Tensor pool(Tensor tokens, TokenBatch batch) {
            if (!batch.isPadded()) {
                return tokens.mean(1);
            }
            var mask = batch.attentionMask().to(tokens.dtype());
            var sums = mask.unsqueeze(1).bmm(tokens).squeeze(1);
            return sums.div(mask.sum(1).unsqueeze(1));
        }

        @Override
        void add(float[] token, int index, float[] embedding) {
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] += token[i];
            }
        }

        @Override
        void end(float[] embedding, int tokens) {
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] /= tokens;
            }
        }
    },
    /** The first token, [CLS]. */
    CLS {
        @Override
        Tensor pool(Tensor tokens, TokenBatch batch) {
            return tokens.select(1, 0);
        }

        @Override
        void add(float[] token, int index, float[] embedding) {
            if (index == 0) {
                System.arraycopy(token, 0, embedding, 0, token.length);
            }
        }
    },
    /** The largest value of each dimension over all real tokens. */
    MAX {
        @Override
        Tensor pool(Tensor tokens, TokenBatch batch) {
            var padding =
                    batch.attentionMask()
                            .unsqueeze(2)
                            .eq(batch.attentionMask().zerosLike().unsqueeze(2));
            return tokens.maskedFill(padding, Double.NEGATIVE_INFINITY).amax(1);
        }

        @Override
        void add(float[] token, int index, float[] embedding) {
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] = index == 0 ? token[i] : Math.max(embedding[i], token[i]);
            }
        }
    };

    /**
     * Pools a batch.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    abstract Tensor pool(Tensor tokens, TokenBatch batch);

    /**
     * Pools in main memory: adds the next token.
     *
     * @param index of the token in its sequence, from 0
     * @param embedding the vector so far, zeros before the first token
     */
    abstract void add(float[] token, int index, float[] embedding);

    /** Completes the vector after the last call of {@link #add}. */
    void end(float[] embedding, int tokens) {}
}
