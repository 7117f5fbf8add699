package dev.mtl.core.head.testkit;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.testkit.HeadTestKit.Subject;

import java.util.stream.IntStream;

/** Predicts each example alone, in order and in reverse order. */
final class BatchingCheck {
    private BatchingCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        var examples = subject.examples();
        int count = examples.size();
        var together = head.predict(examples.all());
        var reversed =
                head.predict(
                        examples.batch(
                                IntStream.range(0, count).map(i -> count - 1 - i).toArray()));
        for (int i = 0; i < count; i++) {
            compare(i, "alone", head.predict(examples.batch(i)).getFirst(), together.get(i));
            compare(i, "in another order", reversed.get(count - 1 - i), together.get(i));
        }
    }

    private static void compare(int index, String how, Prediction alone, Prediction together) {
        if (!JsonValues.areClose(alone.toJson(), together.toJson())) {
            throw new AssertionError(
                    ("example %d is predicted as %s %s, but as %s among others. Give padding no"
                         + " weight (inputs.batch().tokens().attentionMask()) and compute nothing"
                         + " over the batch dimension")
                            .formatted(index, alone.toJson(), how, together.toJson()));
        }
    }
}
