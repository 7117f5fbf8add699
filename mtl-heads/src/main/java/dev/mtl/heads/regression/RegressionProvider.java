package dev.mtl.heads.regression;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.List;
import java.util.stream.IntStream;

/** The head type {@code regression}. */
public sealed class RegressionProvider implements HeadProvider<RegressionProvider.Settings>
        permits PairRegressionProvider {
    /** The loss of a difference. */
    public enum Loss {
        /** Squared. */
        MSE,
        /** Squared for small differences, linear for large ones (Huber 1964). */
        HUBER
    }

    /**
     * Settings.
     *
     * @param dropout on the embedding, while training
     * @param huberDelta for {@link Loss#HUBER}: the difference from which the loss is linear
     */
    public record Settings(double dropout, Loss loss, double huberDelta) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            if (!(huberDelta > 0) || Double.isInfinite(huberDelta)) {
                throw new IllegalArgumentException(
                        "huber_delta is " + huberDelta + ", it must be above 0 and finite");
            }
        }
    }

    @Override
    public String type() {
        return "regression";
    }

    /** What is measured. */
    HeadInput input() {
        return HeadInput.SENTENCE;
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, Loss.MSE, 1.0);
    }

    /** A name for each value of a text, which tells the model their number. */
    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        int count = -1;
        for (var target : targets) {
            int own = RegressionHead.values(target).size();
            if (count >= 0 && own != count) {
                throw new IllegalArgumentException(
                        "regression takes the same number of values for each text: there are texts"
                                + " with "
                                + count
                                + " and with "
                                + own);
            }
            count = own;
        }
        return IntStream.rangeClosed(1, Math.max(0, count)).mapToObj(String::valueOf).toList();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new RegressionHead(input(), settings, context);
    }
}
