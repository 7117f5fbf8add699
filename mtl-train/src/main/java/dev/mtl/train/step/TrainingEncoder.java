package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.transformer.CheckpointedPass;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.train.sampling.MicroBatch;

import java.util.ArrayList;
import java.util.Set;

/** The encoder's forward pass in training. */
public final class TrainingEncoder {
    private final MultiTaskModel model;
    private final MixedPrecision precision;
    private final boolean checkpointing;

    /**
     * Chooses how the pass runs.
     *
     * @param checkpointing whether layers keep no graph and are computed again on the way back
     */
    public TrainingEncoder(MultiTaskModel model, MixedPrecision precision, boolean checkpointing) {
        this.model = model;
        this.precision = precision;
        this.checkpointing = checkpointing;
    }

    /** The number format of the pass, which the heads share. */
    MixedPrecision precision() {
        return precision;
    }

    /**
     * Encodes a micro-batch, unless its features are known.
     *
     * @param frozen the part of the encoder that does not train
     */
    EncodedBatch forward(Replica replica, MicroBatch batch, Frozen frozen) {
        var inputs =
                model.batch(
                        batch.texts(), batch.encodings(), batch.textsPerExample(), batch.pairs());
        var features = batch.features();
        if (features != null) {
            return new EncodedBatch(replica, inputs, features.get());
        }
        var tasks = batch.targets().keySet();
        try (var _ = precision.open()) {
            if (checkpointing) {
                return checkpointed(replica, inputs, tasks, frozen);
            }
            return new EncodedBatch(
                    replica,
                    inputs,
                    model.encode(
                            inputs,
                            tasks,
                            tokens -> replica.encoder().forward(tokens, Mode.TRAINING, frozen)));
        }
    }

    private EncodedBatch checkpointed(
            Replica replica, HeadBatch inputs, Set<String> tasks, Frozen frozen) {
        var passes = new ArrayList<CheckpointedPass>();
        var embeddings =
                model.encode(
                        inputs,
                        tasks,
                        tokens -> {
                            passes.add(
                                    new CheckpointedPass(
                                            replica.encoder(), tokens, frozen, replica.scope()));
                            return passes.getLast().forward();
                        });
        return new EncodedBatch(
                replica, inputs, embeddings, () -> passes.reversed().forEach(this::recompute));
    }

    private void recompute(CheckpointedPass pass) {
        try (var _ = precision.open()) {
            pass.backward();
        }
    }
}
