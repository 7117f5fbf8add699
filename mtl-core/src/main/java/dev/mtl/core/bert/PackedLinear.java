package dev.mtl.core.bert;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;

/** A linear layer as {@link PackedWeights} has it, found by name once and not in each pass. */
sealed interface PackedLinear {
    /** {@code epilogue(input * weight' + bias)}. */
    Tensor apply(Tensor input, Epilogue epilogue);

    /** {@code input * weight' + bias + other}. */
    Tensor applyAndAdd(Tensor input, Tensor other);

    static PackedLinear of(Parameters weights, String layer) {
        var bias = weights.get(layer + ".bias");
        var int8 = PackedWeights.int8(weights, layer + ".weight");
        return int8 == null
                ? new Float32(weights.get(layer + ".weight"), bias)
                : new Int8(int8, bias);
    }

    /** By {@link MkldnnLinear}. */
    record Float32(Tensor weight, Tensor bias) implements PackedLinear {
        @Override
        public Tensor apply(Tensor input, Epilogue epilogue) {
            return MkldnnLinear.infer(input, weight, bias, epilogue);
        }

        @Override
        public Tensor applyAndAdd(Tensor input, Tensor other) {
            return MkldnnLinear.inferAndAdd(input, weight, bias, other);
        }
    }

    /** By {@link Int8Linear}: a scale for each token where the result joins the residual stream. */
    record Int8(Int8Linear weight, Tensor bias) implements PackedLinear {
        @Override
        public Tensor apply(Tensor input, Epilogue epilogue) {
            return weight.infer(input, bias, epilogue);
        }

        @Override
        public Tensor applyAndAdd(Tensor input, Tensor other) {
            return weight.inferPerRowAndAdd(input, bias, other);
        }
    }
}
