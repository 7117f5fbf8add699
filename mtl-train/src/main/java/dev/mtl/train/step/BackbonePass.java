package dev.mtl.train.step;

import dev.mtl.core.transformer.CheckpointedPass;
import dev.mtl.torch.Tensor;

/** The backbone's part of one training pass. */
sealed interface BackbonePass {
    /** Token embeddings {@code [B, S, H]} that the heads take. */
    Tensor tokens();

    /** Does what is left once the heads' losses have gone backward. */
    default void backward() {}

    /** Tokens that carry their own graph, or none. */
    record Direct(Tensor tokens) implements BackbonePass {}

    /** Tokens whose layers are computed once more on the way back. */
    record Checkpointed(CheckpointedPass pass) implements BackbonePass {
        @Override
        public Tensor tokens() {
            return pass.output();
        }

        @Override
        public void backward() {
            pass.backward();
        }
    }
}
