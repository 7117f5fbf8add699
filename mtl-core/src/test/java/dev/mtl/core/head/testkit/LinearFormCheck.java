package dev.mtl.core.head.testkit;

import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.testkit.HeadTestKit.Subject;
import dev.mtl.core.nn.Mode;

import java.util.Arrays;

/** Compares the logits with the declared linear layer, on vectors as they are and much larger. */
final class LinearFormCheck {
    private static final double TOLERANCE = 1e-4;

    private LinearFormCheck() {}

    static void run(Subject subject) {
        var form = subject.head().head().linear();
        if (form.isPresent()) {
            compare(subject, form.get(), 1);
            compare(subject, form.get(), 100);
        }
    }

    private static void compare(Subject subject, LinearForm form, double scale) {
        var head = subject.head();
        var inputs = new ScaledInputs(subject.examples().all().inputs(false), scale);
        var parameters = head.parameters(false);
        var layer =
                form.read(inputs)
                        .linear(parameters.get(form.weight()), parameters.get(form.bias()));
        var logits = head.head().forward(parameters, inputs, Mode.EVALUATION);
        boolean same = Arrays.equals(layer.shape(), logits.shape());
        var expected = layer.toFloats();
        var actual = logits.toFloats();
        for (int i = 0; same && i < expected.length; i++) {
            same = Math.abs(expected[i] - actual[i]) <= TOLERANCE * (1 + Math.abs(expected[i]));
        }
        if (!same) {
            throw new AssertionError(
                    ("linear() says that the logits are one linear layer on %s with the parameters"
                                    + " '%s' and '%s', but forward gives others; return"
                                    + " Optional.empty()")
                            .formatted(form.input(), form.weight(), form.bias()));
        }
    }
}
