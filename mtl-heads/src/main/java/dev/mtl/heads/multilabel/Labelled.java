package dev.mtl.heads.multilabel;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.heads.Probabilities;
import dev.mtl.heads.RankedLabels;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The labels of a text. */
final class Labelled implements LabelPrediction {
    private final LabelIndex labels;
    private final float[] logits;
    private final Set<String> chosen;
    private final double temperature;
    private final boolean emptyText;

    /**
     * Keeps the array.
     *
     * @param logits of all labels
     * @param settings with the thresholds of the labels and the temperature of the scores
     * @param emptyText whether the text has no words
     */
    Labelled(
            LabelIndex labels,
            float[] logits,
            MultiLabelProvider.Settings settings,
            boolean emptyText) {
        this.labels = labels;
        this.logits = logits;
        this.chosen =
                IntStream.range(0, logits.length)
                        .filter(i -> probability(i) >= settings.threshold(labels.label(i)))
                        .mapToObj(labels::label)
                        .collect(Collectors.toUnmodifiableSet());
        var divisor = settings.temperature();
        this.temperature = divisor == null ? 1 : divisor;
        this.emptyText = emptyText;
    }

    /** The logit of a label, not divided by the temperature. */
    float logit(int index) {
        return logits[index];
    }

    /** The probability that is compared with a label's threshold, by the index of its logit. */
    float probability(int index) {
        return (float) Probabilities.sigmoid(logits[index]);
    }

    /** The names of the labels that apply. */
    Set<String> chosen() {
        return chosen;
    }

    private double[] probabilities() {
        var probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Probabilities.sigmoid(logits[i] / temperature);
        }
        return probabilities;
    }

    @Override
    public List<Label> labels() {
        return RankedLabels.of(labels, logits, probabilities());
    }

    @Override
    public Optional<Label> label() {
        return predicted().stream().findFirst();
    }

    @Override
    public List<Label> predicted() {
        return labels().stream().filter(label -> chosen.contains(label.name())).toList();
    }

    @Override
    public boolean emptyText() {
        return emptyText;
    }

    /** The labels that apply, in the order of their logits. */
    private List<Label> inOrder() {
        var probabilities = probabilities();
        var some = new ArrayList<Label>();
        for (int i = 0; i < probabilities.length; i++) {
            if (chosen.contains(labels.label(i))) {
                some.add(new Label(labels.label(i), probabilities[i]));
            }
        }
        return some;
    }

    @Override
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("labels", inOrder().stream().map(Label::toJson).toList());
        if (emptyText) {
            json.put("empty", true);
        }
        return json;
    }

    /** {@code labels} are the best labels, each with whether it is {@code predicted}. */
    @Override
    public Map<String, Object> toJson(int topK) {
        var list = new ArrayList<Map<String, Object>>();
        for (var label : labels().subList(0, Math.min(topK, logits.length))) {
            var one = label.toJson();
            one.put("predicted", chosen.contains(label.name()));
            list.add(one);
        }
        var json = toJson();
        json.put("labels", list);
        return json;
    }

    @Override
    public String toText() {
        var text =
                inOrder().stream()
                        .map(
                                label ->
                                        String.format(
                                                Locale.ROOT,
                                                "%s (%.3f)",
                                                label.name(),
                                                label.score()))
                        .collect(Collectors.joining(", "));
        return (text.isEmpty() ? "-" : text) + (emptyText ? ", the text is empty" : "");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Labelled that
                && labels().equals(that.labels())
                && chosen.equals(that.chosen)
                && emptyText == that.emptyText;
    }

    @Override
    public int hashCode() {
        return labels().hashCode();
    }
}
