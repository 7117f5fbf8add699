package dev.mtl.heads.regression;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;
import dev.mtl.heads.Pooler;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The head type {@code regression}. */
public sealed class RegressionProvider implements HeadProvider<RegressionProvider.Settings>
        permits PairRegressionProvider {
    /** The loss of a difference. */
    public enum Loss {
        /** Squared. */
        MSE,
        /** Squared for small differences, linear for large ones (Huber 1964). */
        HUBER,
        /** Binary cross-entropy of a value from 0 to 1; predictions are probabilities. */
        BINARY,
        /** Squared, of the differences between the texts of a query. */
        MARGIN_MSE,
        /** ListNet: cross-entropy over the texts of a query. */
        LISTNET,
        /** LambdaLoss with NDCG-Loss2++: pairs of texts of a query, by what they change in NDCG. */
        LAMBDA;

        private static final int MOST_RELEVANT = 30;

        /** How the texts of a query are compared; empty if each counts by itself. */
        Optional<RankingLoss> ranking() {
            return switch (this) {
                case MARGIN_MSE -> Optional.of(RankingLoss.MARGIN_MSE);
                case LISTNET -> Optional.of(RankingLoss.LISTNET);
                case LAMBDA -> Optional.of(RankingLoss.LAMBDA);
                case MSE, HUBER, BINARY -> Optional.empty();
            };
        }

        /** Whether a text has one value, not several. */
        boolean takesOneValue() {
            return this != MSE && this != HUBER;
        }

        /** Rejects values that the loss cannot learn. */
        void check(double value) {
            if (this == BINARY && !(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(
                        "loss binary takes values from 0 (no) to 1 (yes), not " + value);
            }
            if (this == LAMBDA && !(value >= 0 && value <= MOST_RELEVANT)) {
                throw new IllegalArgumentException(
                        "loss lambda takes degrees of relevance from 0 to "
                                + MOST_RELEVANT
                                + ", whose gain is 2^degree - 1, not "
                                + value);
            }
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Settings.
     *
     * @param dropout on the embedding, while training
     * @param huberDelta for {@link Loss#HUBER}: the difference from which the loss is linear
     * @param pooler between the first token and the values; none: they are of the embedding
     */
    public record Settings(double dropout, Loss loss, double huberDelta, Pooler pooler) {
        public Settings {
            pooler = Pooler.orNone(pooler);
            HeadSettings.checkDropout(dropout);
            if (!(huberDelta > 0) || Double.isInfinite(huberDelta)) {
                throw new IllegalArgumentException(
                        "huber_delta is " + huberDelta + ", it must be above 0 and finite");
            }
        }

        /** Without a pooler. */
        public Settings(double dropout, Loss loss, double huberDelta) {
            this(dropout, loss, huberDelta, Pooler.NONE);
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
        if (settings.loss().ranking().isPresent() && input() != HeadInput.PAIR) {
            throw new IllegalArgumentException(
                    "loss "
                            + settings.loss()
                            + " compares the texts of a query, which pair-regression reads; a head"
                            + " of one text has none");
        }
        return new RegressionHead(input(), settings, context);
    }
}
