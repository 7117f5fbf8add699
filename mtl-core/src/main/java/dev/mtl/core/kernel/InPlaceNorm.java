package dev.mtl.core.kernel;

import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.InPlaceLayerNorm;

import org.jspecify.annotations.Nullable;

/** Layer normalization that overwrites a tensor which is not needed any more, for inference. */
record InPlaceNorm(Tensor weight, @Nullable Tensor bias, double eps) implements Norm {
    @Override
    public Tensor apply(Tensor input) {
        return input.layerNorm(weight, bias, eps);
    }

    @Override
    public Tensor replace(Tensor input) {
        return InPlaceLayerNorm.apply(input, weight, bias, eps);
    }
}
