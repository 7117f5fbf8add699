package dev.mtl.core.rotary;

import dev.mtl.core.transformer.Pass;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.InPlaceRotation;
import dev.mtl.torch.kernels.InPlaceRotation.Angles;

import java.util.Arrays;
import java.util.List;

/**
 * Rotates queries and keys by angles that grow with their positions, so that their products depend
 * on distances (Su et al. 2021, arXiv 2104.09864). The halves of a head are rotated against each
 * other, in FLOAT32 in every precision. Any number of threads may use it at once.
 */
public final class RotaryPositions {
    private static final int FEWEST = 64;

    private final int width;
    private final int longest;
    private final float[] frequencies;
    private final Object cosinesKey = new Object();
    private final Object sinesKey = new Object();

    /** Those of the longest sequence so far, or of more positions. */
    private volatile Angles angles = new Angles(new float[0], new float[0]);

    /**
     * Positions of heads of one width.
     *
     * @param width d of each head, even
     * @param theta the base of the geometric series of frequencies
     * @param divisor of all frequencies; 1 for none
     * @param longest the most tokens of a sequence
     */
    public RotaryPositions(int width, double theta, double divisor, int longest) {
        this.width = width;
        this.longest = longest;
        frequencies = frequencies(width, theta, divisor);
    }

    /**
     * The angle, in radians, by which each pair of dimensions turns from a position to the next.
     *
     * @param width d of each head, even
     * @return of {@code width / 2} pairs
     */
    public static float[] frequencies(int width, double theta, double divisor) {
        var frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            // Rounded as the reference rounds: far away, an ulp of a frequency is an angle.
            float exponent = 2f * i / width;
            frequencies[i] = 1 / (float) Math.pow((float) theta, exponent) / (float) divisor;
        }
        return frequencies;
    }

    /** The angles of positions 0 to at least {@code length - 1}. */
    private Angles angles(int length) {
        if (length > longest) {
            throw new IllegalArgumentException(
                    length + " tokens, but this encoder has " + longest + " positions");
        }
        var known = angles;
        int half = frequencies.length;
        if (known.cosines().length < length * half) {
            int positions = Math.max(FEWEST, Integer.highestOneBit(length - 1) << 1);
            known = compute(positions, half);
            angles = known;
        }
        return known;
    }

    private Angles compute(int positions, int half) {
        var cosines = new float[positions * half];
        var sines = new float[positions * half];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                float angle = position * frequencies[i];
                cosines[position * half + i] = (float) Math.cos(angle);
                sines[position * half + i] = (float) Math.sin(angle);
            }
        }
        return new Angles(cosines, sines);
    }

    /**
     * Rotates queries and keys in place, without a graph.
     *
     * @param joint {@code [T, C]}, FLOAT32, on the CPU, contiguous; begins with the columns of
     *     {@code heads} heads that are rotated
     */
    void rotateInPlace(Tensor joint, int heads, Pass pass) {
        InPlaceRotation.apply(
                joint, heads, width, angles(pass.batch().length()), pass.layout().positions());
    }

    /**
     * Rotates queries or keys by operators.
     *
     * @param heads {@code [B, S, heads, d]}
     * @return the same shape and dtype, owned by the innermost scope
     */
    Tensor rotate(Tensor heads, Pass pass) {
        int half = width / 2;
        int length = pass.batch().length();
        var cosines =
                pass.constant(cosinesKey, () -> table(angles(length).cosines(), length, pass));
        var sines = pass.constant(sinesKey, () -> table(angles(length).sines(), length, pass));
        try (var scope = TensorScope.open()) {
            var exact = heads.to(DType.FLOAT32);
            var first = exact.slice(3, 0, half);
            var second = exact.slice(3, half, width);
            var rotated =
                    Tensors.cat(
                            List.of(
                                    first.mul(cosines).sub(second.mul(sines)),
                                    second.mul(cosines).add(first.mul(sines))),
                            3);
            return scope.moveOut(rotated.to(heads.dtype()));
        }
    }

    /** {@code [S, 1, d / 2]}. */
    private Tensor table(float[] values, int length, Pass pass) {
        int half = frequencies.length;
        return Tensors.of(Arrays.copyOf(values, length * half), length, 1, half)
                .to(pass.batch().device());
    }
}
