package org.example.ordinal;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.torch.Losses.Reduction;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ordinal regression by cumulative links (McCullagh 1980): one value for each text, and K - 1
 * rising thresholds between K labels. What is learned is whether a text is above each threshold, as
 * in CORAL (Cao, Mirjalili, Raschka 2020).
 */
final class OrdinalHead implements TaskHead<Integer> {
    private final OrdinalProvider.Settings settings;
    private final int hiddenSize;

    OrdinalHead(OrdinalProvider.Settings settings, int hiddenSize) {
        this.settings = settings;
        this.hiddenSize = hiddenSize;
    }

    /** The label of a target, as the data has it. */
    static String label(Target target) {
        if (target instanceof Target.Category category) {
            return category.label();
        }
        throw new IllegalArgumentException(
                "ordinal takes one label for each text, not " + target.getClass().getSimpleName());
    }

    private int thresholds() {
        return settings.order().size() - 1;
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.SENTENCE);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return List.of(
                new ParameterSpec(
                        "weight", new long[] {1, hiddenSize}, new Initializer.Uniform(hiddenSize)),
                new ParameterSpec(
                        "thresholds", new long[] {thresholds()}, new Initializer.Constant(0)));
    }

    /** {@code [B, H]} to {@code [B, K - 1]}: the logit of being above each threshold. */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var value =
                mode.dropout(inputs.sentence(), settings.dropout())
                        .linear(parameters.get("weight"), null);
        // The first is a threshold, the others are logarithms of steps, so that all of them rise;
        // with zeros, as they begin, they stand two apart around zero.
        var learned = parameters.get("thresholds");
        var first = learned.slice(0, 0, 1).add(1 - thresholds());
        var steps = learned.slice(0, 1, thresholds()).exp().mul(2);
        return value.sub(Tensors.cat(List.of(first, steps), 0).cumsum(0));
    }

    /** The rank of the label. */
    @Override
    public Integer encodeTarget(Target target, TokenizedTexts texts) {
        int rank = settings.order().indexOf(label(target));
        if (rank < 0) {
            throw new UnknownLabelsException(List.of(label(target)));
        }
        return rank;
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
        var above = new float[targets.size() * thresholds()];
        for (int i = 0; i < targets.size(); i++) {
            // The label of rank r is above r thresholds.
            int start = i * thresholds();
            Arrays.fill(above, start, start + targets.get(i), 1);
        }
        return logits.binaryCrossEntropyWithLogits(
                        Tensors.of(above, targets.size(), thresholds()).to(logits.device()),
                        Reduction.SUM)
                .div(targets.size());
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Ranked>();
        for (var above : logits.sigmoid().toFloatRows()) {
            int rank = 0;
            while (rank < above.length && above[rank] > 0.5f) {
                rank++;
            }
            var labels = new ArrayList<Label>();
            for (int i = 0; i <= above.length; i++) {
                double reached = i == 0 ? 1 : above[i - 1];
                double passed = i == above.length ? 0 : above[i];
                labels.add(new Label(settings.order().get(i), reached - passed));
            }
            predictions.add(new Ranked(labels, rank));
        }
        return predictions;
    }

    /**
     * The label of a text: the one in the middle of the probabilities, which is the least steps
     * off.
     *
     * @param byRank all labels with their probabilities, in their order
     */
    record Ranked(List<Label> byRank, int rank) implements LabelPrediction {
        private Label chosen() {
            return byRank.get(rank);
        }

        @Override
        public Optional<Label> label() {
            return Optional.of(chosen());
        }

        @Override
        public List<Label> labels() {
            return byRank.stream()
                    .sorted(Comparator.comparingDouble(Label::score).reversed())
                    .toList();
        }

        @Override
        public Map<String, Object> toJson() {
            var json = chosen().toJson();
            json.put("rank", rank);
            return json;
        }

        @Override
        public String toText() {
            return String.format(Locale.ROOT, "%s (%.3f)", chosen().name(), chosen().score());
        }
    }

    @Override
    public Metric newMetric() {
        return new StepsMetric();
    }

    @Override
    public String primaryMetric() {
        return "closeness";
    }

    /** Counts how many steps of the order predictions are off. */
    private final class StepsMetric implements Metric {
        private int right;
        private int steps;
        private int all;

        @Override
        public boolean add(Prediction prediction, Target target) {
            int off =
                    Math.abs(
                            ((Ranked) prediction).rank() - settings.order().indexOf(label(target)));
            right += off == 0 ? 1 : 0;
            steps += off;
            all++;
            return off == 0;
        }

        @Override
        public Map<String, Double> scores() {
            double count = Math.max(1, all);
            var scores = new LinkedHashMap<String, Double>();
            scores.put("closeness", all == 0 ? 0 : 1 - steps / count / thresholds());
            scores.put("accuracy", right / count);
            return scores;
        }
    }
}
