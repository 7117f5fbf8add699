package dev.mtl.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Layer normalization that needs no memory of its own, for FLOAT32 on a CPU without a graph. The
 * operator makes three tensors in each call, which for a few rows takes several times as long as
 * the arithmetic; for those the arithmetic is done here, in place.
 *
 * @see NnOps#layerNorm
 */
public final class InPlaceLayerNorm {
    /** From 16 rows on the operator's vector instructions save what its call costs. */
    private static final long MAX_ROWS = 12;

    private InPlaceLayerNorm() {}

    /**
     * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016) of a tensor that is not
     * needed any more.
     *
     * @param rows {@code [N, H]}, contiguous; is written to and given back, or closed
     * @param weight {@code [H]}
     * @param bias {@code [H]}
     * @return {@code [N, H]}
     */
    public static Tensor apply(Tensor rows, Tensor weight, Tensor bias, double eps) {
        MkldnnLinear.requireNoGraph();
        requireFitting(rows, weight, bias);
        if (rows.size(0) > MAX_ROWS) {
            try (rows) {
                return rows.layerNorm(weight, bias, eps);
            }
        }
        int width = Math.toIntExact(rows.size(1));
        var gamma = new float[width];
        var beta = new float[width];
        read(weight, gamma);
        read(bias, beta);
        rows.borrow(
                (self, out) -> {
                    var memory = HostReads.Memory.segment(self, out, rows.numel() * Float.BYTES);
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
        vector.borrow(
                (self, out) ->
                        MemorySegment.ofArray(target)
                                .copyFrom(
                                        HostReads.Memory.segment(
                                                self, out, (long) target.length * Float.BYTES)));
    }

    /** In two passes, each by four sums: one would wait for itself with each addition. */
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

    private static void requireFitting(Tensor rows, Tensor weight, Tensor bias) {
        if (!MkldnnLinear.isFloatOnCpu(rows)
                || !MkldnnLinear.isFloatOnCpu(weight)
                || !MkldnnLinear.isFloatOnCpu(bias)
                || rows.dim() != 2
                || weight.dim() != 1
                || bias.dim() != 1
                || weight.size(0) != rows.size(1)
                || bias.size(0) != rows.size(1)
                || !rows.isDense()
                || !weight.isDense()
                || !bias.isDense()) {
            throw new IllegalArgumentException(
                    "layer_norm(rows: %s, weight: %s, bias: %s) does not fit: [N, H], [H] and [H]"
                                    .formatted(rows, weight, bias)
                            + " of FLOAT32 on the CPU, contiguous, are wanted");
        }
    }
}
