package dev.mtl.torch.kernels;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.BorrowedHandles;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.error.TorchException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A linear layer in 8-bit integers by oneDNN: weights are quantized once, with a scale per output,
 * inputs dynamically. Results are FLOAT32. The tensor of the weight, in the kernels' layout, is
 * never given out: general operators would read beyond its memory.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/quantized/cpu/qlinear.cpp">qlinear.cpp</a>
 */
public final class Int8Linear {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    /** Quantizes inputs in one operator; see {@link #hasQuantizer}. */
    private static final OptionalKernel QUANTIZER =
            new OptionalKernel(Set.of(), Int8Linear::quantizerWorks);

    /**
     * Weights use 7 bits: without VNNI, the sum of two 8-bit products is kept in 16 bits and would
     * saturate.
     */
    private static final int WEIGHT_STEPS = 63;

    private static final int INPUT_STEPS = 255;
    // Numbers in c10::ScalarType; DType has no quantized types.
    private static final long FLOAT32 = 6;
    private static final long QUINT8 = 13;

    private static final double TINY = 1e-8;

    private final Tensor weight;
    private final Tensor scale;
    private final Tensor zeroPoint;
    private final long outputs;
    private final long inputs;

    private Int8Linear(Tensor weight, Tensor scale, Tensor zeroPoint, long outputs, long inputs) {
        this.weight = weight;
        this.scale = scale;
        this.zeroPoint = zeroPoint;
        this.outputs = outputs;
        this.inputs = inputs;
    }

    /** Whether this LibTorch has these kernels. */
    public static boolean isAvailable() {
        return MkldnnLinear.isAvailable();
    }

    /**
     * Quantizes a weight.
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU
     * @param owner takes the tensors of the layer
     */
    public static Int8Linear quantize(Tensor weight, TensorScope owner) {
        if (!MkldnnLinear.isFloatOnCpu(weight) || weight.dim() != 2 || weight.numel() == 0) {
            throw new IllegalArgumentException(
                    "linear weight %s: expected [out, in], FLOAT32 on the CPU".formatted(weight));
        }
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
            var zeroPoints = ByteBuffer.allocate(out * Integer.BYTES);
            return new Int8Linear(
                    owner.take(TENSORS.call(Aten.QLINEAR_PREPACK, plain)),
                    owner.take(Tensors.of(scales, out)),
                    owner.take(Tensors.of(zeroPoints, DType.INT32, out)),
                    out,
                    in);
        }
    }

    /**
     * {@code epilogue(input * weight' + bias)}, with one scale for the input.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     * @param bias {@code [out]}, contiguous; null for none
     * @return {@code [..., out]}
     */
    public Tensor infer(Tensor input, @Nullable Tensor bias, Epilogue epilogue) {
        MkldnnLinear.requireNoGraph();
        return product(input, bias, epilogue);
    }

    /**
     * {@code input * weight' + bias + other}, with a scale for each row of the input: more exact
     * for inputs with a few large outliers, as between the two layers of a feed-forward block.
     *
     * @param other {@code [..., out]}
     */
    public Tensor inferPerRowAndAdd(Tensor input, @Nullable Tensor bias, Tensor other) {
        MkldnnLinear.requireNoGraph();
        try (var scope = TensorScope.open()) {
            var largest = TENSORS.call(Aten.AMAX, input.abs(), new long[] {-1}, true).add(TINY);
            var product = product(input.div(largest), null, Epilogue.NONE);
            var scaled = product.mul(largest);
            return scope.moveOut((bias == null ? scaled : scaled.add(bias)).add(other));
        }
    }

    private Tensor product(Tensor input, @Nullable Tensor bias, Epilogue epilogue) {
        requireShapes(input, bias);
        try (var scope = TensorScope.open()) {
            var range = TENSORS.callAll(Aten.AMINMAX, input);
            double least = Math.min(0, range.get(0).item());
            double most = Math.max(0, range.get(1).item());
            double step = Math.max((most - least) / INPUT_STEPS, TINY);
            long zero = Math.round(-least / step);
            if (!Double.isFinite(step)) {
                throw new IllegalArgumentException(
                        "the input of an 8-bit layer has infinite or NaN elements: " + input);
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
        return hasQuantizer() ? quantized(input, step, zero) : rounded(input, step, zero);
    }

    static boolean hasQuantizer() {
        return QUANTIZER.works();
    }

    /** In one operator, if {@link #hasQuantizer}. */
    static Tensor quantized(Tensor input, double step, long zero) {
        return TENSORS.call(
                Aten.INT_REPR, TENSORS.call(Aten.QUANTIZE_PER_TENSOR, input, step, zero, QUINT8));
    }

    /** In several operators. */
    static Tensor rounded(Tensor input, double step, long zero) {
        var nearest = TENSORS.call(Aten.ROUND, input.mul(1 / step)).add((double) zero);
        return nearest.clamp(Tensors.scalar(0), Tensors.scalar(INPUT_STEPS)).to(DType.UINT8);
    }

    /**
     * Whether {@link #quantized} works: from LibTorch 2.13 on, the stable ABI rejects the dtypes of
     * quantized tensors.
     */
    private static boolean quantizerWorks() {
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
        TENSORS.requireScope("qlinear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var tensors = new Tensor[] {input, step, zero, weight, scale, zeroPoint};
            var handles = new MemorySegment[tensors.length];
            for (int i = 0; i < tensors.length; i++) {
                handles[i] = TENSORS.handle(tensors[i], borrowed);
            }
            var optional = bias == null ? MemorySegment.NULL : TENSORS.handle(bias, borrowed);
            // Optional arguments are passed as pointers to their values.
            var pointers = scratch.stack(2);
            pointers.setAtIndex(ValueLayout.ADDRESS, 0, optional);
            pointers.setAtIndex(ValueLayout.JAVA_LONG, 1, FLOAT32);
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
                            epilogue.attribute(),
                            MemorySegment.NULL,
                            0,
                            epilogue.algorithm(),
                            out);
            if (code != 0) {
                throw NativeCalls.failure(
                        "onednn::qlinear_pointwise(qx: %s, bias: %s)"
                                .formatted(input, NativeCalls.describe(bias)));
            }
            return TENSORS.adopt(out.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** The C function bypasses the dispatcher, and with it its checks. */
    private void requireShapes(Tensor input, @Nullable Tensor bias) {
        if (!MkldnnLinear.isFloatOnCpu(input)
                || input.dim() < 1
                || input.numel() == 0
                || input.size(-1) != inputs
                || (bias != null
                        && (!MkldnnLinear.isFloatOnCpu(bias)
                                || bias.dim() != 1
                                || bias.size(0) != outputs
                                || !TENSORS.isDense(bias)))) {
            throw new IllegalArgumentException(
                    "input %s and bias %s do not fit an 8-bit layer of %d outputs and %d inputs"
                            .formatted(input, NativeCalls.describe(bias), outputs, inputs));
        }
    }
}
