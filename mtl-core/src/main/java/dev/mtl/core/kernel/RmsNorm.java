package dev.mtl.core.kernel;

import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.kernels.InPlaceRmsNorm;

/**
 * Normalization by the root mean square (Zhang, Sennrich 2019, arXiv 1910.07467), by operators.
 *
 * @param eps added to the mean of the squares
 */
record RmsNorm(Tensor weight, double eps) implements Norm {
    @Override
    public Tensor apply(Tensor input) {
        try (var scope = TensorScope.open()) {
            var root = input.square().mean(-1).add(eps).sqrt().unsqueeze(-1);
            return scope.moveOut(input.div(root).mul(weight));
        }
    }

    @Override
    public Tensor replace(Tensor input) {
        try (input) {
            return apply(input);
        }
    }

    /** The same for inference on a CPU: one pass over a row in Java. */
    record InPlace(Tensor weight, double eps) implements Norm {
        @Override
        public Tensor apply(Tensor input) {
            return replace(input.copy());
        }

        @Override
        public Tensor replace(Tensor input) {
            return InPlaceRmsNorm.apply(input, weight, eps);
        }
    }
}
