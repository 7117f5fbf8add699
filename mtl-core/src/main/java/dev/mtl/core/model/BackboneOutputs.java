package dev.mtl.core.model;

import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.mix.LayerInputs;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/** What heads read of one backbone pass; embeddings are pooled once, on first use. */
final class BackboneOutputs implements LayerInputs {
    private final Readout readout;
    private final Parameters weights;
    private final Embeddings embeddings;
    private final HeadBatch batch;
    private final boolean masks;
    private @Nullable Tensor sentence;
    private @Nullable Tensor pair;

    /**
     * Outputs of a pass.
     *
     * @param masks whether a head of the model masks texts
     */
    BackboneOutputs(
            Readout readout,
            Parameters weights,
            Embeddings embeddings,
            HeadBatch batch,
            boolean masks) {
        this.readout = readout;
        this.weights = weights;
        this.embeddings = embeddings;
        this.batch = batch;
        this.masks = masks;
    }

    @Override
    public HeadInputs mixed(Tensor shares, List<Integer> layers, int depth) {
        return new BackboneOutputs(
                readout,
                weights,
                new Embeddings(
                        mixed(embeddings.texts(), shares, layers, depth),
                        mixed(embeddings.pairs(), shares, layers, depth)),
                batch,
                masks);
    }

    private static @Nullable LayerOutputs mixed(
            @Nullable LayerOutputs outputs, Tensor shares, List<Integer> layers, int depth) {
        if (outputs == null) {
            return null;
        }
        @Nullable Tensor sum = null;
        for (int i = 0; i < layers.size(); i++) {
            int layer = layers.get(i);
            var own =
                    layer == depth
                            ? outputs.last()
                            : Objects.requireNonNull(outputs.layers().get(layer));
            var term = own.mul(shares.select(0, i));
            sum = sum == null ? term : sum.add(term);
        }
        return LayerOutputs.of(Objects.requireNonNull(sum));
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
        return computed(embeddings.pairs(), "PAIR or PAIR_TOKENS");
    }

    private static Tensor computed(@Nullable LayerOutputs outputs, String inputs) {
        if (outputs == null) {
            throw new IllegalStateException("no head of this batch has the input " + inputs);
        }
        return outputs.last();
    }

    @Override
    public Tensor wordEmbeddings() {
        if (!masks) { // several processes send the gradients of the rows that texts read
            throw new IllegalStateException("no head of this model masks texts");
        }
        return weights.get(BertWeights.WORDS);
    }

    @Override
    public HeadBatch batch() {
        return batch;
    }
}
