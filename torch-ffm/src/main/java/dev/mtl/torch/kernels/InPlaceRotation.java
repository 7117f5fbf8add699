package dev.mtl.torch.kernels;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rotates queries and keys by the angles of their positions (Su et al. 2021, arXiv 2104.09864), in
 * place, for inference in FLOAT32 on the CPU. As operators it is eight passes over the memory; here
 * it is one, in Java on the tensor's memory: 2 % of the time of a layer.
 */
public final class InPlaceRotation {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private InPlaceRotation() {}

    /**
     * The angles of positions.
     *
     * @param cosines for each position those of its {@code width / 2} angles
     * @param sines likewise
     */
    public record Angles(float[] cosines, float[] sines) {}

    /**
     * Rotates the halves of each head: {@code (a, b)} becomes {@code (a cos - b sin, b cos + a
     * sin)}.
     *
     * @param all {@code [T, C]}, FLOAT32, on the CPU, contiguous; its first columns are {@code
     *     heads} heads of {@code width}, the others stay as they are
     * @param heads how many heads are rotated, those of the queries and those of the keys
     * @param width d, even
     * @param positions of each of T rows, below the number of positions of {@code angles}
     */
    public static void apply(Tensor all, int heads, int width, Angles angles, int[] positions) {
        MkldnnLinear.requireNoGraph();
        int half = width / 2;
        int rotated = Math.multiplyExact(heads, width);
        if (heads < 1
                || width < 1
                || !MkldnnLinear.isFloatOnCpu(all)
                || all.dim() != 2
                || all.size(0) != positions.length
                || all.size(1) < rotated
                || width != 2 * half
                || !TENSORS.isDense(all)) {
            throw new IllegalArgumentException(
                    "rotation of %s, %d positions, %d heads of %d: expected contiguous [positions, C], FLOAT32 on the CPU, and an even width"
                            .formatted(all, positions.length, heads, width));
        }
        long stride = all.size(1) * Float.BYTES;
        TENSORS.borrow(
                all,
                (self, out) -> {
                    var memory = TensorMetadata.memory(self, out, all.numel() * Float.BYTES);
                    var row = new float[rotated];
                    for (int i = 0; i < positions.length; i++) {
                        MemorySegment.copy(
                                memory, ValueLayout.JAVA_FLOAT, i * stride, row, 0, rotated);
                        rotate(row, half, angles, positions[i] * half);
                        MemorySegment.copy(
                                row, 0, memory, ValueLayout.JAVA_FLOAT, i * stride, rotated);
                    }
                    return self;
                });
    }

    private static void rotate(float[] row, int half, Angles angles, int first) {
        var cosines = angles.cosines();
        var sines = angles.sines();
        for (int head = 0; head < row.length; head += 2 * half) {
            for (int i = 0; i < half; i++) {
                float cosine = cosines[first + i];
                float sine = sines[first + i];
                float a = row[head + i];
                float b = row[head + half + i];
                row[head + i] = a * cosine - b * sine;
                row[head + half + i] = b * cosine + a * sine;
            }
        }
    }
}
