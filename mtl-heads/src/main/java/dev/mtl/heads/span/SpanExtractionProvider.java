package dev.mtl.heads.span;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.HeadSettings;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The head type {@code span-extraction}: the part of a text that answers a question. */
public final class SpanExtractionProvider
        implements TunableProvider<SpanExtractionProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on each token embedding, while training
     * @param stride how many tokens neighbouring windows over a long text share
     * @param maxAnswerLength the most tokens of an answer in predictions
     * @param noAnswer whether predictions may say that there is no answer; null: if the training
     *     data has questions without one
     * @param tuneThreshold whether the threshold is fitted to the validation data after training
     * @param threshold there is no answer if the score of none exceeds that of the best answer by
     *     more; null: 0
     */
    public record Settings(
            double dropout,
            int stride,
            int maxAnswerLength,
            @Nullable Boolean noAnswer,
            boolean tuneThreshold,
            @Nullable Double threshold) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            if (stride < 0) {
                throw new IllegalArgumentException(
                        "stride is " + stride + ", it must be at least 0");
            }
            if (maxAnswerLength < 1) {
                throw new IllegalArgumentException(
                        "max_answer_length is " + maxAnswerLength + ", it must be at least 1");
            }
            if (threshold != null && !Double.isFinite(threshold)) {
                throw new IllegalArgumentException(
                        "threshold is " + threshold + ", it must be finite");
            }
        }

        boolean mayHaveNoAnswer() {
            return Boolean.TRUE.equals(noAnswer);
        }

        /** By how much no answer must be better than the best one. */
        double margin() {
            return threshold == null ? 0 : threshold;
        }

        private Settings withNoAnswer(boolean learned) {
            return new Settings(
                    dropout, stride, maxAnswerLength, learned, tuneThreshold, threshold);
        }

        private Settings withThreshold(double fitted) {
            return new Settings(dropout, stride, maxAnswerLength, noAnswer, tuneThreshold, fitted);
        }
    }

    @Override
    public String type() {
        return "span-extraction";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 128, 30, null, true, null);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        targets.forEach(SpanExtractionHead::answers);
        return List.of();
    }

    @Override
    public Settings learnSettings(Settings settings, Iterable<Target> targets) {
        if (settings.noAnswer() != null) {
            return settings;
        }
        for (var target : targets) {
            if (SpanExtractionHead.answers(target).isEmpty()) {
                return settings.withNoAnswer(true);
            }
        }
        return settings.withNoAnswer(false);
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.tuneThreshold() && settings.mayHaveNoAnswer();
    }

    /** Chooses the threshold with the highest F1, as SQuAD's script does. */
    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        return settings.withThreshold(NoAnswerThreshold.best(predictions, targets));
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new SpanExtractionHead(settings, context);
    }
}
