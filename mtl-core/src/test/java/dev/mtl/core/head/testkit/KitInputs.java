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
    private final HeadBatch batch;
    private final float[] sentences;
    private final float[] tokens;
    private final boolean gradients;
    private final SequencedMap<String, Leaf> read = new LinkedHashMap<>();

    /**
     * A leaf and the values that it was made from.
     *
     * @param tensor that the head was given
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Leaf(Tensor tensor, float[] values) {}

    KitInputs(HeadBatch batch, float[] sentences, float[] tokens, boolean gradients) {
        this.batch = batch;
        this.sentences = sentences;
        this.tokens = tokens;
        this.gradients = gradients;
    }

    /** What the head has read. */
    SequencedMap<String, Leaf> read() {
        return read;
    }

    private Tensor leaf(String name, float[] values, long... shape) {
        return read.computeIfAbsent(
                        name,
                        key ->
                                new Leaf(
                                        Autograd.requireGrad(Tensors.of(values, shape), gradients),
                                        values))
                .tensor();
    }

    @Override
    public Tensor sentence() {
        return leaf("the sentence embeddings", sentences, batch.texts().size(), KitExamples.HIDDEN);
    }

    @Override
    public Tensor tokens() {
        return leaf(
                "the token embeddings",
                tokens,
                batch.texts().size(),
                batch.tokens().length(),
                KitExamples.HIDDEN);
    }

    @Override
    public Tensor sentences() {
        return sentence().reshape(batch.size(), batch.textsPerExample(), KitExamples.HIDDEN);
    }

    @Override
    public HeadBatch batch() {
        return batch;
    }
}
