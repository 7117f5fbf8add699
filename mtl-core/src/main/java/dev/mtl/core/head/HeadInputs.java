package dev.mtl.core.head;

import dev.mtl.torch.Tensor;

/**
 * The outputs of the backbone for one batch of B examples. Each is computed when a head first asks
 * for it, and shared by all heads of the batch; one that no head of the batch names in {@link
 * TaskHead#inputs} is an {@link IllegalStateException}. Tensors are FLOAT32 (BFLOAT16 under
 * autocast), on the model's device, and belong to the scope that the caller opened.
 */
public interface HeadInputs {
    /** The sentence embedding of each text, pooled and normalized: {@code [B, H]}. */
    Tensor sentence();

    /** The embedding of each token, padding included: {@code [B, S, H]}. */
    Tensor tokens();

    /** The sentence embeddings of the K texts of each example: {@code [B, K, H]}. */
    Tensor sentences();

    /** The embedding of the two texts of each example read together: {@code [B, H]}. */
    Tensor pair();

    /**
     * The embedding of each token of the two texts read together, padding included: {@code [B, S,
     * H]}; their places are in {@link HeadBatch#pairs}, their mask in {@link HeadBatch#pairTokens}.
     */
    Tensor pairTokens();

    /**
     * The table of the backbone's word embeddings, {@code [V, E]}, for heads that {@link
     * TaskHead#masks}, which predict tokens by it. It learns with the backbone.
     *
     * @throws IllegalStateException in a model without such a head
     */
    default Tensor wordEmbeddings() {
        throw new IllegalStateException("only heads that mask texts read the word embeddings");
    }

    /**
     * The texts and their tokens. {@code batch().tokens().attentionMask()} is {@code [B, S]}: 1 for
     * a token, 0 for padding; {@code batch().tokens().encodings().get(i).wordIds()} has the word
     * that each token of text i is a piece of.
     */
    HeadBatch batch();
}
