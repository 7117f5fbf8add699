package dev.mtl.torch.kernels;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;
import dev.mtl.torch.error.TorchException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * The input of an 8-bit layer.
 *
 * @param bytes {@code clamp(round(input / step) + zero, 0, 255)}, UINT8
 * @param step {@code [1]}, FLOAT32
 * @param zero {@code [1]}, INT32
 */
record QuantizedInput(Tensor bytes, Tensor step, Tensor zero) {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    /** Rounds in one operator; see {@link #hasQuantizer}. */
    private static final OptionalKernel QUANTIZER =
            new OptionalKernel(Set.of(), QuantizedInput::quantizerWorks);

    private static final int STEPS = 255;
    // A number in c10::ScalarType; DType has no quantized types.
    private static final long QUINT8 = 13;

    /** The smallest step: a range of zeros has none. */
    static final double TINY = 1e-8;

    /**
     * Quantizes an input with one scale.
     *
     * @param input FLOAT32, on the CPU
     * @param least its least element
     * @param most its largest element
     */
    static QuantizedInput of(Tensor input, double least, double most) {
        double from = Math.min(0, least);
        double step = Math.max((Math.max(0, most) - from) / STEPS, TINY);
        if (!Double.isFinite(step)) {
            throw new IllegalArgumentException(
                    "the input of an 8-bit layer has infinite or NaN elements: " + input);
        }
        int zero = Math.toIntExact(Math.round(-from / step));
        return new QuantizedInput(
                hasQuantizer() ? quantized(input, step, zero) : rounded(input, step, zero),
                Tensors.of(new float[] {(float) step}, 1),
                Tensors.of(bytesOf(zero), DType.INT32, 1));
    }

    private static ByteBuffer bytesOf(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value);
    }

    static boolean hasQuantizer() {
        return QUANTIZER.works();
    }

    /** In one operator, if {@link #hasQuantizer}. */
    static Tensor quantized(Tensor input, double step, long zero) {
        var bytes = Tensors.empty(DType.UINT8, Device.CPU, input.shape());
        try (var dense = input.contiguous();
                var quantized = TENSORS.call(Aten.QUANTIZE_PER_TENSOR, dense, step, zero, QUINT8)) {
            // Copied here, because aten::int_repr copies one byte at a time.
            TENSORS.borrow(
                    bytes,
                    (self, out) ->
                            TENSORS.borrow(
                                    quantized,
                                    (source, _) ->
                                            TensorMetadata.memory(self, out, input.numel())
                                                    .copyFrom(
                                                            TensorMetadata.memory(
                                                                    source, out, input.numel()))));
        }
        return bytes;
    }

    /** In several operators. */
    static Tensor rounded(Tensor input, double step, long zero) {
        try (var scope = TensorScope.open()) {
            var nearest = TENSORS.call(Aten.ROUND, input.mul(1 / step)).add((double) zero);
            return scope.moveOut(
                    nearest.clamp(Tensors.scalar(0), Tensors.scalar(STEPS)).to(DType.UINT8));
        }
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
}
