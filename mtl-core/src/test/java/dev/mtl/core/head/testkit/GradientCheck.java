package dev.mtl.core.head.testkit;

import dev.mtl.core.head.testkit.HeadTestKit.Subject;
import dev.mtl.torch.TensorScope;

import java.util.LinkedHashMap;

/**
 * Compares autograd's gradients with central differences, extrapolated by Richardson's rule, for
 * elements of the parameters and of the inputs that the head reads.
 */
final class GradientCheck {
    /** Large enough for float32: the rounding of the loss is divided by it. */
    private static final float STEP = 0.01f;

    private static final double TOLERANCE = 5e-3;

    /** About this many elements of each tensor are compared, evenly spread. */
    private static final int SAMPLES = 48;

    private GradientCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        var batch = subject.examples().all();
        var gradients = head.gradients(batch);
        var arrays = new LinkedHashMap<String, float[]>();
        head.values().forEach((name, values) -> arrays.put("the parameter '" + name + "'", values));
        var inputs = batch.inputs(false);
        head.loss(batch, head.parameters(false), inputs);
        inputs.read().forEach((name, leaf) -> arrays.put(name, leaf.values()));
        arrays.forEach(
                (name, values) -> {
                    var gradient = gradients.getOrDefault(name, new float[0]);
                    int stride = Math.max(1, values.length / SAMPLES);
                    for (int i = 0; i < values.length; i += stride) {
                        compare(name, i, gradient[i], numeric(head, batch, values, i));
                    }
                });
    }

    private static void compare(String name, int index, double autograd, double numeric) {
        if (!(Math.abs(autograd - numeric) <= TOLERANCE * (1 + Math.abs(numeric)))) {
            throw new AssertionError(
                    ("gradient of the loss by element %d of %s: autograd gives %.6f, difference"
                         + " quotients %.6f. Compute the loss by tensor operators alone, without"
                         + " detach() and without values read back into Java")
                            .formatted(index, name, autograd, numeric));
        }
    }

    private static double numeric(KitHead head, KitBatch batch, float[] values, int index) {
        double wide = quotient(head, batch, values, index, STEP);
        double narrow = quotient(head, batch, values, index, STEP / 2);
        return (4 * narrow - wide) / 3;
    }

    private static double quotient(
            KitHead head, KitBatch batch, float[] values, int index, float step) {
        float value = values[index];
        try (var _ = TensorScope.open()) {
            values[index] = value + step;
            double up = head.loss(batch);
            double upTo = values[index];
            values[index] = value - step;
            double down = head.loss(batch);
            return (up - down) / (upTo - values[index]);
        } finally {
            values[index] = value;
        }
    }
}
