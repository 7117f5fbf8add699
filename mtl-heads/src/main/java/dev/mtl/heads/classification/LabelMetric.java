package dev.mtl.heads.classification;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.CalibrationScores;
import dev.mtl.heads.ConfusionCounts;
import dev.mtl.heads.PrecisionRecall;
import dev.mtl.heads.Ratio;
import dev.mtl.heads.classification.ClassificationProvider.Settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Accuracy, the mean F1 of the labels that the data or a prediction has, calibration error, how
 * well texts without any of the labels are told apart, and the confusion matrix. Accuracy and
 * calibration error are over the texts with one of the labels: a rejected one counts as wrong in
 * the accuracy, and by its nearest label in the calibration error. So is a text with a label that
 * the training data does not have, which is always wrong.
 */
final class LabelMetric implements Metric {
    private final Settings settings;
    private final ConfusionCounts counts;
    private final SequencedMap<String, PrecisionRecall> byLabel = new LinkedHashMap<>();
    private final CalibrationScores calibration;
    private final RejectionScores rejection;
    private final Ratio right = new Ratio();

    LabelMetric(List<String> labels, Settings settings) {
        this.settings = settings;
        calibration = new CalibrationScores(settings.temperature());
        rejection = new RejectionScores(settings.reject());
        counts = new ConfusionCounts(labels);
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
        count(nearest, gold, !rejected, hasLabel);
        if (!hasLabel) {
            return rejected;
        }
        boolean correct = !rejected && nearest.equals(gold);
        right.add(correct);
        calibration.add(classified::confidence, nearest.equals(gold));
        if (!rejected) {
            counts.add(gold, nearest);
        }
        return correct;
    }

    private void count(String nearest, String gold, boolean isPredicted, boolean hasLabel) {
        boolean same = nearest.equals(gold);
        if (isPredicted) {
            byLabel(nearest).add(true, same);
        }
        if (hasLabel && !(isPredicted && same)) {
            byLabel(gold).add(false, true);
        }
    }

    private PrecisionRecall byLabel(String label) {
        return byLabel.computeIfAbsent(label, key -> new PrecisionRecall());
    }

    private SequencedMap<String, PrecisionRecall> seen() {
        var seen = new LinkedHashMap<>(byLabel);
        seen.values().removeIf(PrecisionRecall::isAbsent);
        return seen;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("accuracy", right.value());
        scores.put("macro_f1", PrecisionRecall.macroF1(seen().values()));
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
        return PrecisionRecall.byLabel(seen());
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(counts.matrix());
    }
}
