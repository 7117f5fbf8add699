package dev.mtl.torch.kernels;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Normalization by the root mean square in place, for inference in FLOAT32 on the CPU. As operators
 * it is six passes over the memory; here it is one, in Java on the tensor's memory.
 */
public final class InPlaceRmsNorm {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private InPlaceRmsNorm() {}

    /**
     * {@code x / sqrt(mean(x * x) + eps) * weight} over the last dimension (Zhang, Sennrich 2019),
     * which overwrites its input.
     *
     * @param rows {@code [N, H]}, FLOAT32, on the CPU, contiguous; overwritten and returned
     * @param weight {@code [H]}
     * @return {@code rows}
     */
    public static Tensor apply(Tensor rows, Tensor weight, double eps) {
        MkldnnLinear.requireNoGraph();
        if (!isDense(rows, 2) || !isDense(weight, 1) || weight.size(0) != rows.size(1)) {
            throw new IllegalArgumentException(
                    "rms_norm(rows: %s, weight: %s): expected contiguous [N, H] and [H], FLOAT32 on the CPU"
                            .formatted(rows, weight));
        }
        var gamma = new float[Math.toIntExact(rows.size(1))];
        var row = new float[gamma.length];
        TENSORS.borrow(
                weight,
                (self, out) ->
                        MemorySegment.ofArray(gamma)
                                .copyFrom(TensorMetadata.memory(self, out, bytes(weight))));
        TENSORS.borrow(
                rows,
                (self, out) -> {
                    var memory = TensorMetadata.memory(self, out, bytes(rows));
                    long step = (long) row.length * Float.BYTES;
                    for (long at = 0; at < memory.byteSize(); at += step) {
                        MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, at, row, 0, row.length);
                        normalize(row, gamma, eps);
                        MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_FLOAT, at, row.length);
                    }
                    return self;
                });
        return rows;
    }

    /** With four accumulators, so that additions do not wait for each other. */
    private static void normalize(float[] row, float[] gamma, double eps) {
        int fours = row.length & -4;
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = 0; i < fours; i += 4) {
            a += row[i] * row[i];
            b += row[i + 1] * row[i + 1];
            c += row[i + 2] * row[i + 2];
            d += row[i + 3] * row[i + 3];
        }
        for (int i = fours; i < row.length; i++) {
            a += row[i] * row[i];
        }
        float scale = (float) (1 / Math.sqrt(((a + b) + (c + d)) / row.length + eps));
        for (int i = 0; i < row.length; i++) {
            row[i] = row[i] * scale * gamma[i];
        }
    }

    private static boolean isDense(Tensor tensor, int dimensions) {
        return MkldnnLinear.isFloatOnCpu(tensor)
                && tensor.dim() == dimensions
                && TENSORS.isDense(tensor);
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * Float.BYTES;
    }
}
