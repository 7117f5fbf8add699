package dev.mtl.heads.classification;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.PrecisionRecall;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Accuracy, and the confusion matrix of the labels. */
final class LabelMetric implements Metric {
    private final List<String> labels;
    private final int[][] counts;
    private final Map<String, PrecisionRecall> byLabel = new LinkedHashMap<>();
    private int right;
    private int all;

    LabelMetric(List<String> labels) {
        this.labels = labels;
        counts = new int[labels.size()][labels.size()];
        labels.forEach(label -> byLabel.put(label, new PrecisionRecall()));
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var said = ((ClassificationHead.Classified) prediction).label();
        var gold = ClassificationHead.category(target).label();
        boolean correct = said.equals(gold);
        right += correct ? 1 : 0;
        all++;
        byLabel.forEach((label, own) -> own.add(label.equals(said), label.equals(gold)));
        int row = labels.indexOf(gold);
        // a label that is not in the training data counts as wrong, and has no row
        if (row >= 0) {
            counts[row][labels.indexOf(said)]++;
        }
        return correct;
    }

    @Override
    public Map<String, Double> scores() {
        return Map.of("accuracy", all == 0 ? 0 : (double) right / all);
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byLabel);
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(new ConfusionMatrix(labels, counts));
    }
}
