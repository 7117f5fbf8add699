package dev.mtl.torch.trust;

import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.FusedAttention;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Threads;

import java.nio.ByteBuffer;
import java.util.List;

/** Calls that killed the JVM, corrupted its heap or computed something wrong. */
enum BadCall {
    ADAMW_SHORT_GRADIENT(owner -> step(owner, ones(50_000_000), ones(1))),
    ADAMW_GRADIENT_OF_ANOTHER_SHAPE(owner -> step(owner, ones(100, 100), ones(3))),
    ADAMW_EXPANDED_PARAMETER(owner -> step(owner, ones(1).expand(1_000_000), ones(1_000_000))),
    ADAMW_TRANSPOSED_PARAMETER(
            owner -> step(owner, ones(2, 3).transpose(0, 1), ones(3, 2).contiguous())),
    ADAMW_GRADIENT_OF_ANOTHER_DTYPE(owner -> step(owner, ones(1000).to(DType.FLOAT64), ones(1000))),
    ADAMW_MOMENTS_OF_ANOTHER_SHAPE(
            owner -> adamW(owner, ones(5)).restore(0, new AdamW.Moments(ones(1), ones(5), ones()))),
    GRADIENTS_OF_ANOTHER_SHAPE(_ -> Gradients.addInPlace(List.of(ones(3)), List.of(ones(1)), 1)),
    NO_THREADS(_ -> Threads.withThreads(0, Threads::ofThisThread)),
    MINUS_FIVE_THREADS(_ -> Threads.withThreads(-5, Threads::ofThisThread)),
    A_MILLION_THREADS(
            _ -> Threads.withThreads(1_000_000, () -> ones(900, 900).matmul(ones(900, 900)))),
    LINEAR_WITHOUT_DIMENSIONS(
            _ -> MkldnnLinear.forward(MkldnnLinear.toMkldnn(ones(4, 3)), ones(), ones(5))),
    LINEAR_WITHOUT_INPUTS(
            _ -> MkldnnLinear.forward(MkldnnLinear.toMkldnn(ones(1, 33, 1)), ones(8, 0), ones(8))),
    LINEAR_WITH_A_TRANSPOSED_WEIGHT(_ -> MkldnnWeight.plain(ones(3, 4).transpose(0, 1))),
    LINEAR_WITH_AN_EXPANDED_BIAS(
            _ -> infer(ones(2, 3), MkldnnWeight.plain(ones(4, 3)), ones(1).expand(4))),
    INT8_WITH_AN_EXPANDED_BIAS(
            owner -> {
                try (var _ = Autograd.noGrad()) {
                    Int8Linear.quantize(ones(5, 7), owner)
                            .infer(ones(2, 7), ones(1).expand(5), Epilogue.NONE);
                }
            }),
    ATTENTION_WITH_A_SHORT_MASK(
            _ -> {
                try (var _ = Autograd.noGrad()) {
                    FusedAttention.apply(ones(12, 24), 2, 2, ones(2, 1, 1, 5));
                }
            }),
    AUTOCAST_TO_INTEGERS(
            _ -> {
                try (var _ = Autocast.open(Device.CPU, DType.INT64)) {
                    ones(2, 3).linear(ones(4, 3), null);
                }
            }),
    BOOLEANS_THAT_ARE_NONE(
            _ -> Tensors.of(ByteBuffer.wrap(new byte[] {1, 7}), DType.BOOL, 2).sum().item()),
    SIZES_THAT_OVERFLOW(
            _ -> Tensors.empty(DType.FLOAT32, Device.CPU, 1L << 32, 1L << 32, 1L << 32));

    /** A call; results belong to the scope that is open. */
    interface Body {
        void call(TensorScope owner) throws Exception;
    }

    private final Body body;

    BadCall(Body body) {
        this.body = body;
    }

    /** Makes the calls named, with a line of what became of each. */
    public static void main(String[] names) throws Exception {
        for (var name : names) {
            try (var owner = TensorScope.open()) {
                valueOf(name).body.call(owner);
                System.out.println(name + " no exception");
            } catch (Exception e) {
                System.out.println(
                        name + " " + e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    private static Tensor ones(long... shape) {
        return Tensors.full(DType.FLOAT32, Device.CPU, 1, shape);
    }

    private static AdamW adamW(TensorScope owner, Tensor parameter) {
        return new AdamW(List.of(parameter), owner, new AdamW.Settings(0.9, 0.999, 1e-8, 0.01));
    }

    private static void step(TensorScope owner, Tensor parameter, Tensor gradient) {
        adamW(owner, parameter).step(List.of(gradient), 0.1);
    }

    private static void infer(Tensor input, MkldnnWeight weight, Tensor bias) {
        try (var _ = Autograd.noGrad()) {
            MkldnnLinear.infer(input, weight, bias, Epilogue.NONE);
        }
    }
}
