package dev.mtl.core.kernel;

import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.torch.Tensor;

/** Two products, the second of which is multiplied by the first while it is in the cache. */
record FusedGatedLinear(FusedLinear activated, FusedLinear gate) implements GatedLinear {
    @Override
    public Tensor apply(Tensor input, Activation activation) {
        try (var first = activated.apply(input, activation)) {
            return gate.multiplyBy(first, input);
        }
    }
}
