package dev.mtl.core.bert;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Tensor;

/** How the tokens of a batch lie in the tensors between the layers of a training pass. */
sealed interface TokenLayout permits TokenLayout.Padded, UnpaddedTokens {
    /** As tokens lie in the batch. */
    TokenLayout PADDED = new Padded();

    /** Packed where that pays, else padded; tensors are owned by the innermost scope. */
    static TokenLayout of(TokenBatch batch) {
        return UnpaddedTokens.isWorthwhile(batch) ? UnpaddedTokens.of(batch) : PADDED;
    }

    /** {@code [B, S, H]} to how tokens lie here. */
    Tensor pack(Tensor padded);

    /**
     * How tokens lie here to {@code [B, S, H]}, for attention: its mask keeps what is in the
     * padding, and gradients, out.
     */
    Tensor pad(Tensor packed);

    /** The same for what comes after all layers. */
    Tensor padOutput(Tensor packed);

    /** {@code [B, S, H]}. */
    record Padded() implements TokenLayout {
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
            return packed;
        }
    }
}
