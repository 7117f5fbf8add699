package dev.mtl.heads.classification;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.heads.Probabilities;
import dev.mtl.heads.RankedLabels;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The label of a text, or that it has none. */
final class Classified implements LabelPrediction {
    private final LabelIndex labels;
    private final float[] logits;
    private final double temperature;
    private final double distance;
    private final float @Nullable [] embedding;
    private final boolean emptyText;
    private final boolean rejected;

    /**
     * Keeps the arrays.
     *
     * @param logits of the labels
     * @param distance of the text to the nearest label; 0 if it was not computed
     * @param embedding of the text, for what is fitted to embeddings; else null
     * @param emptyText whether the text has no words
     */
    Classified(
            LabelIndex labels,
            ClassificationProvider.Settings settings,
            float[] logits,
            double distance,
            float @Nullable [] embedding,
            boolean emptyText) {
        this.labels = labels;
        this.logits = logits;
        this.temperature = settings.divisor();
        this.distance = distance;
        this.embedding = embedding;
        this.emptyText = emptyText;
        this.rejected =
                settings.reject().isOn()
                        && (emptyText || settings.reject().rejects(score(settings)));
    }

    /** The logits of all labels, not divided by the temperature; not to be changed. */
    float[] logits() {
        return logits;
    }

    float @Nullable [] embedding() {
        return embedding;
    }

    /** The score that the reject option of some settings looks at. */
    double score(ClassificationProvider.Settings settings) {
        return settings.reject().score(logits, settings.divisor(), distance);
    }

    /** The probability of the best label at a temperature. */
    double confidence(double at) {
        return Probabilities.largest(logits, at);
    }

    @Override
    public List<Label> labels() {
        return RankedLabels.of(labels, logits, Probabilities.softmax(logits, temperature));
    }

    @Override
    public Optional<Label> label() {
        return rejected ? Optional.empty() : Optional.of(nearest());
    }

    /** The best label, whether the text is rejected or not. */
    Label nearest() {
        int best = LabelIndex.argmax(logits, 0, logits.length);
        return new Label(labels.label(best), Probabilities.softmax(logits, temperature)[best]);
    }

    @Override
    public boolean rejected() {
        return rejected;
    }

    @Override
    public boolean emptyText() {
        return emptyText;
    }

    @Override
    public Map<String, Object> toJson() {
        var nearest = nearest();
        var json = nearest.toJson();
        if (rejected) {
            json.put("label", null);
            json.put("rejected", true);
            json.put("nearest", nearest.name());
        }
        if (emptyText) {
            json.put("empty", true);
        }
        return json;
    }

    @Override
    public String toText() {
        var nearest = nearest();
        return (rejected ? "rejected, nearest is " : "")
                + String.format(Locale.ROOT, "%s (%.3f)", nearest.name(), nearest.score())
                + (emptyText ? ", the text is empty" : "");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Classified that
                && labels().equals(that.labels())
                && rejected == that.rejected
                && emptyText == that.emptyText;
    }

    @Override
    public int hashCode() {
        return labels().hashCode();
    }
}
