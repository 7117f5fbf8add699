package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.torch.Tensor;

/** Inputs multiplied by a number. */
record ScaledInputs(HeadInputs inputs, double scale) implements HeadInputs {
    @Override
    public Tensor sentence() {
        return inputs.sentence().mul(scale);
    }

    @Override
    public Tensor tokens() {
        return inputs.tokens().mul(scale);
    }

    @Override
    public Tensor sentences() {
        return inputs.sentences().mul(scale);
    }

    @Override
    public Tensor pair() {
        return inputs.pair().mul(scale);
    }

    @Override
    public Tensor pairTokens() {
        return inputs.pairTokens().mul(scale);
    }

    @Override
    public HeadBatch batch() {
        return inputs.batch();
    }
}
