package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.ChunkedPass;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.LayerwisePass;
import dev.mtl.core.transformer.TrainingPass;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.train.sampling.MicroBatch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** The encoder's forward pass in training. */
public final class TrainingEncoder {
    private final MultiTaskModel model;
    private final MixedPrecision precision;
    private final Recomputation recomputation;

    /**
     * What is computed again on the way back, instead of being kept.
     *
     * @param layers whether it is each layer by itself
     * @param chunk the sequences of a batch that go through the encoder at once and keep nothing; 0
     *     for all
     */
    public record Recomputation(boolean layers, int chunk) {
        /** Nothing is. */
        public static final Recomputation NONE = new Recomputation(false, 0);
    }

    /** Chooses how the pass runs. */
    public TrainingEncoder(
            MultiTaskModel model, MixedPrecision precision, Recomputation recomputation) {
        this.model = model;
        this.precision = precision;
        this.recomputation = recomputation;
    }

    /** The number format of the pass, which the heads share. */
    MixedPrecision precision() {
        return precision;
    }

    /**
     * Encodes a micro-batch, unless its features are known.
     *
     * @param frozen the part of the encoder that does not train
     * @param byLayers whether it goes backward layer by layer
     */
    EncodedBatch forward(Replica replica, MicroBatch batch, Frozen frozen, boolean byLayers) {
        var inputs =
                model.batch(
                        batch.texts(), batch.encodings(), batch.textsPerExample(), batch.pairs());
        var features = batch.features();
        if (features != null) {
            var pass = new EncodedBatch.Pass(batch.targets().keySet(), features.get());
            return new EncodedBatch(replica, inputs, List.of(pass));
        }
        var tasks = batch.targets().keySet();
        try (var _ = precision.open()) {
            if (byLayers || !recomputation.equals(Recomputation.NONE)) {
                return inParts(replica, inputs, tasks, frozen);
            }
            return new EncodedBatch(
                    replica,
                    inputs,
                    passes(
                            replica,
                            inputs,
                            tasks,
                            encoder ->
                                    (tokens, layers) ->
                                            encoder.forward(
                                                    tokens, Mode.TRAINING, frozen, layers)));
        }
    }

    private EncodedBatch inParts(
            Replica replica, HeadBatch inputs, Set<String> tasks, Frozen frozen) {
        var passes = new ArrayList<TrainingPass>();
        var encoded =
                passes(
                        replica,
                        inputs,
                        tasks,
                        encoder ->
                                (tokens, layers) -> {
                                    passes.add(pass(encoder, tokens, frozen, replica));
                                    return passes.getLast().forward(layers);
                                });
        return new EncodedBatch(replica, inputs, encoded, done -> backward(passes, done));
    }

    private TrainingPass pass(
            TransformerEncoder encoder, TokenBatch tokens, Frozen frozen, Replica replica) {
        if (recomputation.chunk() > 0) {
            return new ChunkedPass(
                    encoder, tokens, frozen, recomputation.chunk(), model::pad, replica.scope());
        }
        var keep = recomputation.layers() ? LayerwisePass.Keep.INPUTS : LayerwisePass.Keep.GRAPHS;
        return new LayerwisePass(encoder, tokens, frozen, keep, replica.scope());
    }

    private List<EncodedBatch.Pass> passes(
            Replica replica,
            HeadBatch inputs,
            Collection<String> tasks,
            Function<TransformerEncoder, MultiTaskModel.EncoderPass> forward) {
        var encoders = replica.encoders();
        var passes = new ArrayList<EncodedBatch.Pass>();
        for (var own : encoders.passes(tasks)) {
            passes.add(
                    new EncodedBatch.Pass(
                            own, model.encode(inputs, own, forward.apply(encoders.of(own)))));
        }
        return passes;
    }

    /** The gradients of a layer are complete once the last pass through it has gone backward. */
    private void backward(List<TrainingPass> passes, IntConsumer done) {
        try (var _ = precision.open()) {
            for (var pass : passes.reversed()) {
                pass.backward(pass == passes.getFirst() ? done : layer -> {});
            }
        }
    }
}
