package dev.mtl.core.model;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/** The outputs of one backbone pass; sentence embeddings are computed once, on first use. */
final class BackboneOutputs implements HeadInputs {
    private final Readout readout;
    private final Tensor tokens;
    private final HeadBatch batch;
    private @Nullable Tensor pooled;

    /**
     * Wraps a backbone pass.
     *
     * @param tokens {@code [B * K, S, H]}
     */
    BackboneOutputs(Readout readout, Tensor tokens, HeadBatch batch) {
        this.readout = readout;
        this.tokens = tokens;
        this.batch = batch;
    }

    @Override
    public Tensor sentence() {
        if (pooled == null) {
            pooled = readout.apply(tokens, batch.tokens());
        }
        return pooled;
    }

    @Override
    public Tensor tokens() {
        return tokens;
    }

    @Override
    public Tensor sentences() {
        var all = sentence();
        return all.reshape(batch.size(), batch.textsPerExample(), all.size(1));
    }

    @Override
    public HeadBatch batch() {
        return batch;
    }
}
