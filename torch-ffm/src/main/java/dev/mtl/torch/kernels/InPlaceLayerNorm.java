package dev.mtl.torch.kernels;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;
import dev.mtl.torch.processor.Tuning;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Layer normalization in place, for inference in FLOAT32 on the CPU. The operator allocates three
 * tensors per call, which for a few rows takes several times as long as the arithmetic; for those,
 * the arithmetic is done in Java on the tensor's memory.
 *
 * @see Tensor#layerNorm
 */
public final class InPlaceLayerNorm {
    /** Above, the operator's vector instructions outweigh the cost of its call. */
    private static final long MAX_ROWS = Tuning.current().inPlaceNormRows();

    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private InPlaceLayerNorm() {}

    /**
     * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016), which consumes its
     * input.
     *
     * @param rows {@code [N, H]}, contiguous; overwritten and returned, or closed
     * @param weight {@code [H]}
     * @param bias {@code [H]}; null for zeros
     * @return {@code [N, H]}
     */
    public static Tensor apply(Tensor rows, Tensor weight, @Nullable Tensor bias, double eps) {
        MkldnnLinear.requireNoGraph();
        requireShapes(rows, weight, bias);
        if (rows.size(0) > MAX_ROWS) {
            try (rows) {
                return rows.layerNorm(weight, bias, eps);
            }
        }
        int width = Math.toIntExact(rows.size(1));
        var gamma = new float[width];
        var beta = new float[width];
        read(weight, gamma);
        if (bias != null) {
            read(bias, beta);
        }
        TENSORS.borrow(
                rows,
                (self, out) -> {
                    var memory = TensorMetadata.memory(self, out, rows.numel() * Float.BYTES);
                    var row = new float[width];
                    for (long at = 0; at < memory.byteSize(); at += (long) width * Float.BYTES) {
                        MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, at, row, 0, width);
                        normalize(row, gamma, beta, eps);
                        MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_FLOAT, at, width);
                    }
                    return self;
                });
        return rows;
    }

    private static void read(Tensor vector, float[] target) {
        TENSORS.borrow(
                vector,
                (self, out) ->
                        MemorySegment.ofArray(target)
                                .copyFrom(
                                        TensorMetadata.memory(
                                                self, out, (long) target.length * Float.BYTES)));
    }

    /** In two passes with four accumulators each, so that additions do not wait for each other. */
    private static void normalize(float[] row, float[] gamma, float[] beta, double eps) {
        int n = row.length;
        int fours = n & -4;
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = 0; i < fours; i += 4) {
            a += row[i];
            b += row[i + 1];
            c += row[i + 2];
            d += row[i + 3];
        }
        for (int i = fours; i < n; i++) {
            a += row[i];
        }
        float mean = ((a + b) + (c + d)) / n;
        a = b = c = d = 0;
        for (int i = 0; i < fours; i += 4) {
            float p = row[i] - mean;
            float q = row[i + 1] - mean;
            float r = row[i + 2] - mean;
            float s = row[i + 3] - mean;
            a += p * p;
            b += q * q;
            c += r * r;
            d += s * s;
        }
        for (int i = fours; i < n; i++) {
            a += (row[i] - mean) * (row[i] - mean);
        }
        float scale = (float) (1 / Math.sqrt(((a + b) + (c + d)) / n + eps));
        for (int i = 0; i < n; i++) {
            row[i] = (row[i] - mean) * scale * gamma[i] + beta[i];
        }
    }

    private static void requireShapes(Tensor rows, Tensor weight, @Nullable Tensor bias) {
        if (!MkldnnLinear.isFloatOnCpu(rows)
                || rows.dim() != 2
                || !TENSORS.isDense(rows)
                || !isVector(weight, rows.size(1))
                || (bias != null && !isVector(bias, rows.size(1)))) {
            throw new IllegalArgumentException(
                    "layer_norm(rows: %s, weight: %s, bias: %s): expected contiguous [N, H], [H] and"
                                    .formatted(rows, weight, NativeCalls.describe(bias))
                            + " [H], FLOAT32 on the CPU");
        }
    }

    private static boolean isVector(Tensor tensor, long size) {
        return MkldnnLinear.isFloatOnCpu(tensor)
                && tensor.dim() == 1
                && tensor.size(0) == size
                && TENSORS.isDense(tensor);
    }
}
