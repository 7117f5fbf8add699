package dev.mtl.heads.multilabel;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.CalibrationScores;
import dev.mtl.heads.PrecisionRecall;
import dev.mtl.heads.Probabilities;
import dev.mtl.heads.Ratio;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Precision, recall and F1 over all decisions together (micro), the mean F1 of the labels (macro),
 * the share of texts with exactly the right labels, and the calibration error of all decisions.
 */
final class MultiLabelMetric implements Metric {
    private final Map<String, PrecisionRecall> byLabel = new LinkedHashMap<>();
    private final PrecisionRecall all = new PrecisionRecall();
    private final List<String> labels;
    private final CalibrationScores calibration;
    private final Ratio exact = new Ratio();

    MultiLabelMetric(List<String> labels, @Nullable Double temperature) {
        this.labels = labels;
        calibration = new CalibrationScores(temperature);
        labels.forEach(label -> byLabel.put(label, new PrecisionRecall()));
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var labelled = (Labelled) prediction;
        var predicted = labelled.chosen();
        Set<String> gold = new HashSet<>(MultiLabelHead.labels(target));
        gold.forEach(label -> byLabel.computeIfAbsent(label, key -> new PrecisionRecall()));
        byLabel.forEach(
                (label, counts) -> {
                    counts.add(predicted.contains(label), gold.contains(label));
                    all.add(predicted.contains(label), gold.contains(label));
                });
        for (int i = 0; i < labels.size(); i++) {
            double logit = labelled.logit(i);
            calibration.add(at -> Probabilities.sigmoid(logit / at), gold.contains(labels.get(i)));
        }
        return exact.add(predicted.equals(gold));
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<>(all.scores());
        scores.put("macro_f1", PrecisionRecall.macroF1(byLabel.values()));
        scores.put("exact_match", exact.value());
        calibration.addTo(scores);
        return scores;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return CalibrationScores.NAMES;
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byLabel);
    }
}
