package dev.mtl.core.model;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.model.MultiTaskModel.Embeddings;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/** What heads read of one backbone pass; embeddings are pooled once, on first use. */
final class BackboneOutputs implements HeadInputs {
    private final Readout readout;
    private final Parameters weights;
    private final Embeddings embeddings;
    private final HeadBatch batch;
    private @Nullable Tensor sentence;
    private @Nullable Tensor pair;

    BackboneOutputs(Readout readout, Parameters weights, Embeddings embeddings, HeadBatch batch) {
        this.readout = readout;
        this.weights = weights;
        this.embeddings = embeddings;
        this.batch = batch;
    }

    @Override
    public Tensor sentence() {
        if (sentence == null) {
            sentence = readout.apply(weights, tokens(), batch.tokens());
        }
        return sentence;
    }

    @Override
    public Tensor tokens() {
        return computed(embeddings.texts(), "SENTENCE, TOKENS or SENTENCES");
    }

    @Override
    public Tensor sentences() {
        var all = sentence();
        return all.reshape(batch.size(), batch.textsPerExample(), all.size(1));
    }

    @Override
    public Tensor pair() {
        if (pair == null) {
            pair = readout.apply(weights, pairTokens(), batch.pairTokens());
        }
        return pair;
    }

    @Override
    public Tensor pairTokens() {
        return computed(embeddings.pairs(), "PAIR");
    }

    private static Tensor computed(@Nullable Tensor tokens, String inputs) {
        if (tokens == null) {
            throw new IllegalStateException("no head of this batch has the input " + inputs);
        }
        return tokens;
    }

    @Override
    public HeadBatch batch() {
        return batch;
    }
}
