package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Tensor;

/** How the tokens of a batch are laid out in the tensors between the parts of a pass. */
sealed interface TokenLayout permits TokenLayout.Padded, UnpaddedTokens {
    /** All sequences in the length of the longest: T is {@code B * S}. */
    static TokenLayout padded(TokenBatch batch) {
        return new Padded(batch.rows(), batch.length());
    }

    /** Unpadded where that is worthwhile, else padded; tensors are owned by the innermost scope. */
    static TokenLayout of(TokenBatch batch, Mode mode) {
        return UnpaddedTokens.isWorthwhile(batch, mode) ? UnpaddedTokens.of(batch) : padded(batch);
    }

    /** {@code [B * S, H]} to {@code [T, H]}; may be the same tensor. */
    Tensor pack(Tensor padded);

    /**
     * {@code [T, H]} to {@code [B * S, H]}, for attention: its mask keeps the padding, and
     * gradients from there, out. May be the same tensor.
     */
    Tensor pad(Tensor packed);

    /** {@code [T, H]} to {@code [B, S, H]}, for what follows the last layer. */
    Tensor padOutput(Tensor packed);

    /** As in the batch. */
    record Padded(long rows, long length) implements TokenLayout {
        @Override
        public Tensor pack(Tensor padded) {
            return padded;
        }

        @Override
        public Tensor pad(Tensor packed) {
            return packed;
        }

        @Override
        public Tensor padOutput(Tensor packed) {
            return packed.view(rows, length, packed.size(1));
        }
    }
}
