package dev.mtl.core.kernel;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;

import org.jspecify.annotations.Nullable;

/** A linear layer whose kernel also does what follows the product. For inference on a CPU. */
sealed interface FusedLinear extends Linear {
    /** {@code epilogue(input * weight' + bias)}. */
    Tensor apply(Tensor input, Epilogue epilogue);

    /** {@code input * weight' + bias + residual}. */
    Tensor addTo(Tensor residual, Tensor input);

    /** {@code (input * weight' + bias) * other}, elementwise. */
    Tensor multiplyBy(Tensor other, Tensor input);

    @Override
    default Tensor apply(Tensor input) {
        return apply(input, Epilogue.NONE);
    }

    @Override
    default Tensor apply(Tensor input, Activation activation) {
        return apply(
                input,
                switch (activation) {
                    case GELU -> Epilogue.GELU;
                    case GELU_TANH -> Epilogue.GELU_TANH;
                    case RELU -> Epilogue.RELU;
                    case SILU -> Epilogue.SILU;
                });
    }

    @Override
    default Tensor addTo(Tensor residual, Tensor input, double dropout, Mode mode) {
        if (mode == Mode.TRAINING) {
            throw new IllegalStateException("fused kernels have no dropout; use GraphKernels");
        }
        return addTo(residual, input);
    }

    /** By {@link MkldnnLinear}. */
    record Float32(MkldnnWeight weight, @Nullable Tensor bias) implements FusedLinear {
        @Override
        public Tensor apply(Tensor input, Epilogue epilogue) {
            return MkldnnLinear.infer(input, weight, bias, epilogue);
        }

        @Override
        public Tensor addTo(Tensor residual, Tensor input) {
            return MkldnnLinear.inferAndAdd(input, weight, bias, residual);
        }

        @Override
        public Tensor multiplyBy(Tensor other, Tensor input) {
            return MkldnnLinear.inferAndMultiply(input, weight, bias, other);
        }
    }

    /**
     * By {@link Int8Linear}: with a scale for each token where a layer narrows to the residual
     * stream, as the second one of a feed-forward block, whose input has a few large outliers.
     */
    record Int8(Int8Linear weight, @Nullable Tensor bias) implements FusedLinear {
        @Override
        public Tensor apply(Tensor input, Epilogue epilogue) {
            return weight.infer(input, bias, epilogue);
        }

        @Override
        public Tensor addTo(Tensor residual, Tensor input) {
            if (input.size(-1) > residual.size(-1)) {
                return weight.inferPerRowAndAdd(input, bias, residual);
            }
            try (var product = weight.infer(input, bias, Epilogue.NONE)) {
                return product.add(residual);
            }
        }

        @Override
        public Tensor multiplyBy(Tensor other, Tensor input) {
            try (var product = apply(input, Epilogue.NONE)) {
                return product.mul(other);
            }
        }
    }
}
