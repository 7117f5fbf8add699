package org.example.votes;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The shares of labels, from an embedding that the head pools itself: learned attention to the
 * tokens (Lin et al. 2017, arXiv 1703.03130, with one row of attention).
 */
final class VotesHead implements TaskHead<double[]> {
    private final LabelIndex labels;
    private final int hiddenSize;
    private final double dropout;

    VotesHead(HeadContext context, double dropout) {
        this.labels = new LabelIndex(context.task(), context.labels());
        this.hiddenSize = context.hiddenSize();
        this.dropout = dropout;
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.TOKENS);
    }

    @Override
    public List<ParameterSpec> parameters() {
        var all = new ArrayList<>(ParameterSpec.linear(hiddenSize, labels.size()));
        all.add(
                new ParameterSpec(
                        "attention",
                        new long[] {1, hiddenSize},
                        new Initializer.Uniform(hiddenSize)));
        return all;
    }

    /** {@code [B, S, H]} to {@code [B, C]}. */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var tokens = mode.dropout(inputs.tokens(), dropout);
        var mask = inputs.batch().tokens().attentionMask();
        // the scores of padding are so low that its share is exactly 0
        var scores = tokens.linear(parameters.get("attention"), null).squeeze(2);
        var shares = scores.add(mask.sub(1).mul(1e4)).softmax(1);
        return tokens.mul(shares.unsqueeze(2))
                .sum(1)
                .linear(parameters.get("weight"), parameters.get("bias"));
    }

    /** The share of each label. */
    @Override
    public double[] encodeTarget(Target target, TokenizedTexts texts) {
        var votes = VotesProvider.votes(target);
        labels.indicesOf(votes.labels()); // unknown ones are an exception
        return votes.shares(labels.labels());
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<double[]> targets) {
        return lossWithParts(parameters, logits, batch, targets).loss();
    }

    /**
     * The cross-entropy of the shares. Of two models that predict each text as well, that with the
     * more controversial texts has the larger one; its part without the votes' own entropy, the
     * Kullback-Leibler divergence, says how good predictions are.
     */
    @Override
    public LossParts lossWithParts(
            Parameters parameters, Tensor logits, HeadBatch batch, List<double[]> targets) {
        var shares = new float[targets.size() * labels.size()];
        double entropy = 0;
        for (int row = 0; row < targets.size(); row++) {
            for (int label = 0; label < labels.size(); label++) {
                shares[row * labels.size() + label] = (float) targets.get(row)[label];
            }
            entropy += Votes.entropy(targets.get(row)) / targets.size();
        }
        var loss =
                Tensors.of(shares, targets.size(), labels.size())
                        .to(logits.device())
                        .mul(logits.logSoftmax(1))
                        .sum()
                        .div(-targets.size());
        var parts = new LinkedHashMap<String, Tensor>();
        parts.put("kl", loss.sub(entropy));
        return new LossParts(loss, parts);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Shares>();
        for (var row : logits.softmax(1).toFloatRows()) {
            var shares = new ArrayList<Label>();
            for (int label = 0; label < row.length; label++) {
                shares.add(new Label(labels.label(label), row[label]));
            }
            predictions.add(new Shares(shares));
        }
        return predictions;
    }

    /** The share of the votes that each label is expected to have. */
    record Shares(List<Label> inOrder) implements LabelPrediction {
        @Override
        public List<Label> labels() {
            return inOrder.stream()
                    .sorted(Comparator.comparingDouble(Label::score).reversed())
                    .toList();
        }

        @Override
        public Optional<Label> label() {
            return labels().stream().findFirst();
        }

        double share(String label) {
            return inOrder.stream()
                    .filter(share -> share.name().equals(label))
                    .mapToDouble(Label::score)
                    .sum();
        }

        @Override
        public Map<String, Object> toJson() {
            var json = labels().getFirst().toJson();
            var shares = new TreeMap<String, Object>();
            inOrder.forEach(share -> shares.put(share.name(), share.toJson().get("score")));
            json.put("shares", shares);
            return json;
        }

        @Override
        public String toText() {
            var best = labels().getFirst();
            return String.format(Locale.ROOT, "%s (%.3f)", best.name(), best.score());
        }
    }

    @Override
    public String primaryMetric() {
        return "overlap";
    }

    @Override
    public Metric newMetric() {
        return new Metric() {
            private double overlap;
            private int right;
            private int all;

            /** Right is a prediction whose first label nobody outvotes. */
            @Override
            public boolean add(Prediction prediction, Target target) {
                var predicted = (Shares) prediction;
                var votes = VotesProvider.votes(target);
                var shares = votes.shares(votes.labels());
                for (int i = 0; i < shares.length; i++) {
                    overlap += Math.min(shares[i], predicted.share(votes.labels().get(i)));
                }
                var best = predicted.labels().getFirst().name();
                int most = votes.byLabel().values().stream().max(Integer::compare).orElseThrow();
                boolean hit = votes.byLabel().getOrDefault(best, 0) == most;
                right += hit ? 1 : 0;
                all++;
                return hit;
            }

            @Override
            public Map<String, Double> scores() {
                var scores = new LinkedHashMap<String, Double>();
                scores.put("overlap", overlap / Math.max(1, all));
                scores.put("accuracy", (double) right / Math.max(1, all));
                return scores;
            }
        };
    }
}
