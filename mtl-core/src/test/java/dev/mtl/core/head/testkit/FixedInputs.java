package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.torch.Tensor;

/**
 * Inputs of a head without a backbone: one tensor, whichever of them the head reads.
 *
 * @param tensor such as {@code [B, H]}, {@code [B, S, H]} or {@code [B, K, H]}
 */
public record FixedInputs(Tensor tensor, HeadBatch batch) implements HeadInputs {
    @Override
    public Tensor sentence() {
        return tensor;
    }

    @Override
    public Tensor tokens() {
        return tensor;
    }

    @Override
    public Tensor sentences() {
        return tensor;
    }

    @Override
    public Tensor pair() {
        return tensor;
    }

    @Override
    public Tensor pairTokens() {
        return tensor;
    }
}
