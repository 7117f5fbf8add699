package dev.mtl.core.head.testkit;

import dev.mtl.core.head.testkit.HeadTestKit.Subject;

import java.util.stream.IntStream;

/** The normalizer is additive, and a batch that is there twice has the same mean loss. */
final class NormalizerCheck {
    private static final double TOLERANCE = 1e-4;

    private NormalizerCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        var examples = subject.examples();
        double all = head.lossNormalizer(examples.all());
        double sum = 0;
        for (int i = 0; i < examples.size(); i++) {
            double one = head.lossNormalizer(examples.batch(i));
            if (!(one >= 0) || Double.isInfinite(one)) {
                throw new AssertionError(
                        "lossNormalizer of example %d is %s, it must be a finite number from 0"
                                .formatted(i, one));
            }
            sum += one;
        }
        // examples of a group count together
        if (!head.head().groupsExamples() && !(Math.abs(all - sum) <= TOLERANCE * (1 + sum))) {
            throw new AssertionError(
                    ("lossNormalizer of a batch is %s, but %s over its examples one by one; it must"
                                    + " be a sum over examples")
                            .formatted(all, sum));
        }
        if (!(all > 0)) {
            throw new AssertionError("lossNormalizer of all examples is 0: nothing can be learned");
        }
        if (!head.head().comparesExamples()) {
            requireMean(head, examples);
        }
    }

    private static void requireMean(KitHead head, KitExamples examples) {
        int count = examples.size();
        var twice = examples.batch(IntStream.range(0, 2 * count).map(i -> i % count).toArray());
        double once = head.loss(examples.all());
        double doubled = head.loss(twice);
        if (!(Math.abs(once - doubled) <= TOLERANCE * (1 + Math.abs(once)))) {
            throw new AssertionError(
                    ("the loss of a batch is %s, and %s with every example twice. It must be a"
                         + " mean: divide the sum by lossNormalizer. A loss that compares the"
                         + " examples of a batch says so by comparesExamples()")
                            .formatted(once, doubled));
        }
    }
}
