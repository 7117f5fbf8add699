package dev.mtl.core.head.testkit;

import dev.mtl.core.head.testkit.HeadTestKit.Subject;

import java.util.LinkedHashMap;
import java.util.Map;

/** Weighs losses and gradients of single examples as the trainer does those of micro-batches. */
final class AccumulationCheck {
    private static final double TOLERANCE = 1e-3;

    private AccumulationCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        var examples = subject.examples();
        if (head.head().comparesExamples()) {
            return; // its batches are never split
        }
        double all = head.lossNormalizer(examples.all());
        double loss = 0;
        var gradients = new LinkedHashMap<String, double[]>();
        for (int i = 0; i < examples.size(); i++) {
            var batch = examples.batch(i);
            double share = head.lossNormalizer(batch) / all;
            if (share > 0) {
                loss += share * head.loss(batch);
                add(gradients, share, head.gradients(batch));
            }
        }
        double whole = head.loss(examples.all());
        if (!isClose(whole, loss)) {
            throw new AssertionError(
                    ("the losses of micro-batches, weighted by their shares of lossNormalizer, add"
                                    + " up to %s, but the loss of the whole batch is %s.%s")
                            .formatted(loss, whole, ADVICE));
        }
        head.gradients(examples.all())
                .forEach(
                        (name, expected) -> {
                            var actual = gradients.getOrDefault(name, new double[expected.length]);
                            for (int i = 0;
                                    name.startsWith("the parameter") && i < expected.length;
                                    i++) {
                                if (!isClose(expected[i], actual[i])) {
                                    throw new AssertionError(
                                            ("the gradients of micro-batches by %s add up to %s at"
                                                 + " element %d, but that of the whole batch is"
                                                 + " %s.%s")
                                                    .formatted(
                                                            name,
                                                            actual[i],
                                                            i,
                                                            expected[i],
                                                            ADVICE));
                                }
                            }
                        });
    }

    private static final String ADVICE =
            " lossNormalizer must count exactly what the loss is a mean over";

    private static void add(
            Map<String, double[]> sums, double share, Map<String, float[]> gradients) {
        gradients.forEach(
                (name, values) -> {
                    if (name.startsWith("the parameter")) {
                        var sum = sums.computeIfAbsent(name, key -> new double[values.length]);
                        for (int i = 0; i < values.length; i++) {
                            sum[i] += share * values[i];
                        }
                    }
                });
    }

    private static boolean isClose(double expected, double actual) {
        return Math.abs(expected - actual) <= TOLERANCE * (1 + Math.abs(expected));
    }
}
