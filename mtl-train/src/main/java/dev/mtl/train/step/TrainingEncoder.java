package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.transformer.CheckpointedPass;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.train.sampling.MicroBatch;

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
        var inputs = model.batch(batch.texts(), batch.encodings(), batch.textsPerExample());
        var features = batch.features();
        if (features != null) {
            return new EncodedBatch(replica, inputs, features.get());
        }
        try (var _ = precision.open()) {
            return checkpointing
                    ? checkpointed(replica, inputs, frozen)
                    : new EncodedBatch(
                            replica,
                            inputs,
                            replica.encoder().forward(inputs.tokens(), Mode.TRAINING, frozen));
        }
    }

    private EncodedBatch checkpointed(Replica replica, HeadBatch inputs, Frozen frozen) {
        var pass =
                new CheckpointedPass(replica.encoder(), inputs.tokens(), frozen, replica.scope());
        return new EncodedBatch(replica, inputs, pass.forward(), () -> recompute(pass));
    }

    private void recompute(CheckpointedPass pass) {
        try (var _ = precision.open()) {
            pass.backward();
        }
    }
}
