package dev.mtl.heads.multilabel;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Scorer;
import dev.mtl.core.head.Target;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Precision, recall and F1 over all decisions together (micro), the mean F1 of the labels (macro),
 * and the share of texts with exactly the right labels.
 */
final class MultiLabelScorer implements Scorer {
    private final Map<String, Counts> byLabel = new LinkedHashMap<>();
    private final Counts all = new Counts();
    private int exact;
    private int texts;

    /** How often something was predicted, is in the data, and is both. */
    private static final class Counts {
        private int predicted;
        private int gold;
        private int right;

        void add(boolean isPredicted, boolean isGold) {
            predicted += isPredicted ? 1 : 0;
            gold += isGold ? 1 : 0;
            right += isPredicted && isGold ? 1 : 0;
        }

        Map<String, Double> scores() {
            var scores = new LinkedHashMap<String, Double>();
            scores.put("precision", predicted == 0 ? 0 : (double) right / predicted);
            scores.put("recall", gold == 0 ? 0 : (double) right / gold);
            scores.put("f1", f1());
            return scores;
        }

        double f1() {
            return predicted + gold == 0 ? 0 : 2.0 * right / (predicted + gold);
        }
    }

    MultiLabelScorer(List<String> labels) {
        labels.forEach(label -> byLabel.put(label, new Counts()));
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var predicted = ((MultiLabelHead.Labelled) prediction).scores().keySet();
        Set<String> gold = new HashSet<>(MultiLabelHead.labels(target));
        gold.forEach(label -> byLabel.computeIfAbsent(label, key -> new Counts()));
        byLabel.forEach(
                (label, counts) -> {
                    counts.add(predicted.contains(label), gold.contains(label));
                    all.add(predicted.contains(label), gold.contains(label));
                });
        boolean right = predicted.equals(gold);
        exact += right ? 1 : 0;
        texts++;
        return right;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<>(all.scores());
        scores.put(
                "macro_f1", byLabel.values().stream().mapToDouble(Counts::f1).average().orElse(0));
        scores.put("exact_match", texts == 0 ? 0 : (double) exact / texts);
        return scores;
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        byLabel.forEach(
                (label, counts) -> {
                    var own = new LinkedHashMap<>(counts.scores());
                    own.put("support", (double) counts.gold);
                    scores.put(label, own);
                });
        return scores;
    }
}
