package dev.mtl.torch;

import dev.mtl.torch.MkldnnLinear.Epilogue;
import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Linear layers in 8-bit numbers by oneDNN: weights quantized once, each output by its own scale;
 * inputs when they come. Results are FLOAT32.
 *
 * @param weight as the kernels read it; its elements cannot be read
 * @param scale {@code [out]}, FLOAT32
 * @param zeroPoint {@code [out]}, INT32, all 0
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/quantized/cpu/qlinear.cpp">qlinear.cpp</a>
 */
public record Int8Linear(Tensor weight, Tensor scale, Tensor zeroPoint) {
    /**
     * Seven bits: without VNNI two products of 8 bits are summed in 16, and larger weights would
     * saturate them.
     */
    private static final int WEIGHT_STEPS = 63;

    private static final int INPUT_STEPS = 255;
    private static final long QUINT8 = 13;
    private static final double TINY = 1e-8;

    /** Whether this LibTorch has these kernels. */
    public static boolean isAvailable() {
        return MkldnnLinear.isAvailable();
    }

    /**
     * Quantizes a weight.
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU
     * @return of tensors that the innermost scope owns
     */
    public static Int8Linear quantize(Tensor weight) {
        int out = Math.toIntExact(weight.size(0));
        int in = Math.toIntExact(weight.size(1));
        var values = weight.toFloats();
        var bytes = ByteBuffer.allocate(values.length);
        var scales = new float[out];
        for (int row = 0; row < out; row++) {
            float largest = 0;
            for (int i = row * in; i < (row + 1) * in; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
            float scale = (float) Math.max(largest / WEIGHT_STEPS, TINY);
            for (int i = row * in; i < (row + 1) * in; i++) {
                bytes.put((byte) Math.round(values[i] / scale));
            }
            scales[row] = scale;
        }
        try (var plain = Tensors.of(bytes.flip(), DType.INT8, out, in)) {
            return new Int8Linear(
                    Aten.QLINEAR_PREPACK.tensor(plain),
                    Tensors.of(scales, out),
                    Tensors.of(ByteBuffer.allocate(out * Integer.BYTES), DType.INT32, out));
        }
    }

    /**
     * {@code epilogue(input * weight' + bias)}, with one scale for the whole input.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     * @param bias {@code [out]}
     * @return {@code [..., out]}
     */
    public Tensor infer(Tensor input, Tensor bias, Epilogue epilogue) {
        MkldnnLinear.requireNoGraph();
        return product(input, bias, epilogue);
    }

    /**
     * {@code input * weight' + bias + other}, with a scale for each row of the input: for those
     * with a few values far above the others, as between the two layers of a feed-forward block.
     *
     * @param other {@code [..., out]}
     */
    public Tensor inferPerRowAndAdd(Tensor input, Tensor bias, Tensor other) {
        MkldnnLinear.requireNoGraph();
        try (var scope = TensorScope.open()) {
            var largest = Aten.AMAX.tensor(input.abs(), new long[] {-1}, true).add(TINY);
            var product = product(input.div(largest), null, Epilogue.NONE);
            return scope.moveOut(product.mul(largest).add(bias).add(other));
        }
    }

    private Tensor product(Tensor input, @Nullable Tensor bias, Epilogue epilogue) {
        requireFitting(input, bias);
        try (var scope = TensorScope.open()) {
            var range = Aten.AMINMAX.tensors(input);
            double least = Math.min(0, range.get(0).item());
            double most = Math.max(0, range.get(1).item());
            double step = Math.max((most - least) / INPUT_STEPS, TINY);
            long zero = Math.round(-least / step);
            if (!Double.isFinite(step)) {
                throw new IllegalArgumentException(
                        "the input of an 8-bit layer has values that are not finite: " + input);
            }
            return scope.moveOut(
                    call(
                            toBytes(input, step, zero),
                            Tensors.of(new float[] {(float) step}, 1),
                            Tensors.of(new long[] {zero}, 1).to(DType.INT32),
                            bias,
                            epilogue));
        }
    }

    /** {@code clamp(round(input / step) + zero, 0, 255)}, UINT8. */
    private static Tensor toBytes(Tensor input, double step, long zero) {
        return LibTorch.get().hasQuantizer()
                ? quantized(input, step, zero)
                : rounded(input, step, zero);
    }

    /** By one operator, where {@link #quantizerWorks}. */
    static Tensor quantized(Tensor input, double step, long zero) {
        return Aten.INT_REPR.tensor(Aten.QUANTIZE_PER_TENSOR.tensor(input, step, zero, QUINT8));
    }

    /** By several. */
    static Tensor rounded(Tensor input, double step, long zero) {
        var nearest = Aten.ROUND.tensor(input.mul(1 / step)).add((double) zero);
        return nearest.clamp(Tensors.scalar(0), Tensors.scalar(INPUT_STEPS)).to(DType.UINT8);
    }

    /**
     * Whether one operator does it: from 2.13 on the stable ABI refuses the dtypes of quantized
     * tensors.
     */
    static boolean quantizerWorks() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var bytes = quantized(Tensors.of(new float[] {0, 1}, 2), 0.5, 3);
            return bytes.to(DType.FLOAT32).sum().item() == 8;
        } catch (TorchException e) {
            return false;
        }
    }

    private Tensor call(
            Tensor input, Tensor step, Tensor zero, @Nullable Tensor bias, Epilogue epilogue) {
        var scope = TensorScope.current("qlinear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var tensors = new Tensor[] {input, step, zero, weight, scale, zeroPoint};
            var handles = new MemorySegment[tensors.length];
            for (int i = 0; i < tensors.length; i++) {
                handles[i] = borrowed.of(tensors[i]);
            }
            var optional = bias == null ? MemorySegment.NULL : borrowed.of(bias);
            // Optional arguments are pointers to what they hold.
            var pointers = scratch.stack(2);
            pointers.setAtIndex(ValueLayout.ADDRESS, 0, optional);
            pointers.setAtIndex(ValueLayout.JAVA_LONG, 1, DType.FLOAT32.code());
            var out = scratch.out();
            int code =
                    LibTorchAbi.aoti_torch_cpu__qlinear_pointwise_tensor(
                            handles[0],
                            handles[1],
                            handles[2],
                            handles[3],
                            handles[4],
                            handles[5],
                            bias == null ? MemorySegment.NULL : pointers,
                            1,
                            0,
                            pointers.asSlice(Long.BYTES),
                            MkldnnLinear.Words.attribute(epilogue),
                            MemorySegment.NULL,
                            0,
                            MkldnnLinear.Words.algorithm(epilogue),
                            out);
            if (code != 0) {
                throw NativeCalls.failure(
                        "onednn::qlinear_pointwise(qx: %s, bias: %s)"
                                .formatted(input, NativeCalls.describe(bias)));
            }
            return Tensor.adopt(out.get(ValueLayout.JAVA_LONG, 0), scope);
        }
    }

    /** The C function is below the dispatcher, which checks such things. */
    private void requireFitting(Tensor input, @Nullable Tensor bias) {
        long out = scale.size(0);
        if (!MkldnnLinear.isFloatOnCpu(input)
                || input.dim() < 1
                || input.numel() == 0
                || input.size(-1) != in()
                || (bias != null
                        && (!MkldnnLinear.isFloatOnCpu(bias)
                                || bias.dim() != 1
                                || bias.size(0) != out))) {
            throw new IllegalArgumentException(
                    "input %s and bias %s do not fit an 8-bit layer of %d outputs and %d inputs"
                            .formatted(input, NativeCalls.describe(bias), out, in()));
        }
    }

    private long in() {
        return weight.numel() / scale.size(0);
    }
}
