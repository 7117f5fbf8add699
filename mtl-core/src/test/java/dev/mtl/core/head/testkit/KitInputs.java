package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Inputs of a head from arrays; each that the head reads is one leaf. */
final class KitInputs implements HeadInputs {
    private static final int HIDDEN = KitExamples.HIDDEN;

    private final HeadBatch batch;
    private final Values values;
    private final boolean gradients;
    private final SequencedMap<String, Leaf> read = new LinkedHashMap<>();

    /**
     * The values of all inputs.
     *
     * @param sentences {@code [B * K, H]}
     * @param tokens {@code [B * K, S, H]}
     * @param pairs {@code [B, H]}; empty without pairs
     * @param pairTokens {@code [B, S, H]}; empty without pairs
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Values(float[] sentences, float[] tokens, float[] pairs, float[] pairTokens) {}

    /** A leaf and the values that it was made from. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Leaf(Tensor tensor, float[] values) {}

    KitInputs(HeadBatch batch, Values values, boolean gradients) {
        this.batch = batch;
        this.values = values;
        this.gradients = gradients;
    }

    /** What the head has read. */
    SequencedMap<String, Leaf> read() {
        return read;
    }

    private Tensor leaf(String name, float[] array, long... shape) {
        return read.computeIfAbsent(
                        name,
                        key ->
                                new Leaf(
                                        Autograd.requireGrad(Tensors.of(array, shape), gradients),
                                        array))
                .tensor();
    }

    @Override
    public Tensor sentence() {
        return leaf("the sentence embeddings", values.sentences(), batch.texts().size(), HIDDEN);
    }

    @Override
    public Tensor tokens() {
        return leaf(
                "the token embeddings",
                values.tokens(),
                batch.texts().size(),
                batch.tokens().length(),
                HIDDEN);
    }

    @Override
    public Tensor sentences() {
        return sentence().reshape(batch.size(), batch.textsPerExample(), HIDDEN);
    }

    @Override
    public Tensor pair() {
        return leaf("the embeddings of pairs", values.pairs(), batch.pairs().size(), HIDDEN);
    }

    @Override
    public Tensor pairTokens() {
        return leaf(
                "the token embeddings of pairs",
                values.pairTokens(),
                batch.pairs().size(),
                batch.pairTokens().length(),
                HIDDEN);
    }

    @Override
    public HeadBatch batch() {
        return batch;
    }
}
