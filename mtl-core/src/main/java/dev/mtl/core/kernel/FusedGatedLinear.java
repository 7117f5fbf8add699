package dev.mtl.core.kernel;

import dev.mtl.core.transformer.Activation;
import dev.mtl.core.transformer.GatedLinear;
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
