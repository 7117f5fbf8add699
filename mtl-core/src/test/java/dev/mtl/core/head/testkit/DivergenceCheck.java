package dev.mtl.core.head.testkit;

import dev.mtl.core.head.testkit.HeadTestKit.Subject;
import dev.mtl.core.nn.Mode;

/**
 * A divergence is zero between a pass and itself, above zero else, the same in both directions, and
 * a mean as the loss is.
 */
final class DivergenceCheck {
    private static final double TOLERANCE = 1e-4;
    private static final double OTHER_LOGITS = 0.5;

    private DivergenceCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        if (!head.head().hasDivergence()) {
            return;
        }
        var examples = subject.examples();
        var all = examples.all();
        require("between a pass and itself", divergence(head, all, 1, 1), 0);
        double whole = divergence(head, all, 1, OTHER_LOGITS);
        if (!(whole > TOLERANCE)) {
            throw new AssertionError(
                    "the divergence between logits and their halves is %s, it must be above 0"
                            .formatted(whole));
        }
        require("in the other direction", divergence(head, all, OTHER_LOGITS, 1), whole);
        double sum = 0;
        for (int i = 0; i < examples.size(); i++) {
            var batch = examples.batch(i);
            double share = head.lossNormalizer(batch) / head.lossNormalizer(all);
            sum += share > 0 ? share * divergence(head, batch, 1, OTHER_LOGITS) : 0;
        }
        require("of micro-batches, weighted by their shares of lossNormalizer,", sum, whole);
    }

    private static double divergence(KitHead head, KitBatch batch, double first, double second) {
        var parameters = head.parameters(false);
        var logits = head.head().forward(parameters, batch.inputs(false), Mode.EVALUATION);
        return head.head()
                .divergence(
                        parameters,
                        logits.mul(first),
                        logits.mul(second),
                        batch.inputs(false).batch(),
                        head.encode(batch))
                .item();
    }

    private static void require(String what, double actual, double expected) {
        if (!(Math.abs(actual - expected) <= TOLERANCE * (1 + expected))) {
            throw new AssertionError(
                    "the divergence %s is %s, not %s".formatted(what, actual, expected));
        }
    }
}
