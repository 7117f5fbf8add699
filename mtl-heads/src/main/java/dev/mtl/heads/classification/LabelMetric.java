package dev.mtl.heads.classification;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.CalibrationScores;
import dev.mtl.heads.PrecisionRecall;
import dev.mtl.heads.classification.ClassificationProvider.Settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Accuracy, calibration error, how well texts without any of the labels are told apart, and the
 * confusion matrix. Accuracy and calibration error are over the texts with one of the labels: a
 * rejected one counts as wrong in the accuracy, and by its nearest label in the calibration error.
 */
final class LabelMetric implements Metric {
    private final List<String> labels;
    private final Settings settings;
    private final int[][] counts;
    private final Map<String, PrecisionRecall> byLabel = new LinkedHashMap<>();
    private final CalibrationScores calibration;
    private final RejectionScores rejection;
    private int right;
    private int all;

    LabelMetric(List<String> labels, Settings settings) {
        this.labels = labels;
        this.settings = settings;
        calibration = new CalibrationScores(settings.temperature());
        rejection = new RejectionScores(settings.reject());
        counts = new int[labels.size()][labels.size()];
        labels.forEach(label -> byLabel.put(label, new PrecisionRecall()));
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var classified = (Classified) prediction;
        var gold = ClassificationHead.category(target).label();
        boolean rejected = classified.rejected();
        boolean hasLabel = !settings.reject().isOutOfScope(gold);
        var nearest = classified.nearest().name();
        rejection.add(classified.score(settings), hasLabel, rejected);
        byLabel.forEach(
                (label, own) -> own.add(!rejected && label.equals(nearest), label.equals(gold)));
        if (!hasLabel) {
            return rejected;
        }
        boolean correct = !rejected && nearest.equals(gold);
        right += correct ? 1 : 0;
        all++;
        calibration.add(classified::confidence, nearest.equals(gold));
        int row = labels.indexOf(gold);
        // a label that is not in the training data counts as wrong, and has no row
        if (row >= 0 && !rejected) {
            counts[row][labels.indexOf(nearest)]++;
        }
        return correct;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("accuracy", all == 0 ? 0 : (double) right / all);
        calibration.addTo(scores);
        rejection.addTo(scores);
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

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(new ConfusionMatrix(labels, counts));
    }
}
