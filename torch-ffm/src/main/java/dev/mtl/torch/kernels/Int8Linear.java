package dev.mtl.torch.kernels;

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

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

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

    /**
     * Weights use 7 bits: without VNNI, the sum of two 8-bit products is kept in 16 bits and would
     * saturate.
     */
    private static final int WEIGHT_STEPS = 63;

    // A number in c10::ScalarType.
    private static final long FLOAT32 = 6;

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
            float scale = (float) Math.max(largest / WEIGHT_STEPS, QuantizedInput.TINY);
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
        requireShapes(input, bias);
        try (var scope = TensorScope.open()) {
            var range = TENSORS.callAll(Aten.AMINMAX, input);
            float least = range.get(0).toFloats()[0];
            float most = range.get(1).toFloats()[0];
            return scope.moveOut(product(input, least, most, bias, epilogue));
        }
    }

    /**
     * {@code input * weight' + bias + other}, with a scale for each row of the input: more exact
     * for inputs with a few large outliers, as between the two layers of a feed-forward block.
     *
     * @param other {@code [..., out]}
     */
    public Tensor inferPerRowAndAdd(Tensor input, @Nullable Tensor bias, Tensor other) {
        MkldnnLinear.requireNoGraph();
        requireShapes(input, bias);
        try (var scope = TensorScope.open();
                var most = TENSORS.call(Aten.AMAX, input, new long[] {-1}, true);
                var least = TENSORS.call(Aten.AMIN, input, new long[] {-1}, true)) {
            float[] largest = most.toFloats();
            float[] smallest = least.toFloats();
            double from = 0;
            double to = 0;
            for (int row = 0; row < largest.length; row++) {
                float scale =
                        Math.max(
                                Math.max(largest[row], -smallest[row]),
                                (float) QuantizedInput.TINY);
                from = Math.min(from, smallest[row] / scale);
                to = Math.max(to, largest[row] / scale);
                largest[row] = scale;
            }
            var scales = Tensors.of(largest, most.shape());
            Tensor product;
            try (var normalized = input.div(scales)) {
                product = product(normalized, from, to, null, Epilogue.NONE);
            }
            TENSORS.run(Aten.MUL_, product, scales);
            try (product;
                    var biased = bias == null ? product : product.add(bias)) {
                return scope.moveOut(biased.add(other));
            }
        }
    }

    private Tensor product(
            Tensor input, double least, double most, @Nullable Tensor bias, Epilogue epilogue) {
        var quantized = QuantizedInput.of(input, least, most);
        try (var bytes = quantized.bytes()) {
            return call(bytes, quantized.step(), quantized.zero(), bias, epilogue);
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
