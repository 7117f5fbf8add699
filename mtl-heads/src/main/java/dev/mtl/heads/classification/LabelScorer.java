package dev.mtl.heads.classification;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Scorer;
import dev.mtl.core.head.Target;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Accuracy, and which label was taken for which. */
final class LabelScorer implements Scorer {
    private final List<String> labels;
    private final int[][] counts;
    private int right;
    private int all;

    LabelScorer(List<String> labels) {
        this.labels = labels;
        counts = new int[labels.size()][labels.size()];
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var said = ((ClassificationHead.Classified) prediction).label();
        var gold = ClassificationHead.category(target).label();
        boolean correct = said.equals(gold);
        right += correct ? 1 : 0;
        all++;
        int row = labels.indexOf(gold);
        // a label that training has not seen is wrong, and has no row
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
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        for (int label = 0; label < labels.size(); label++) {
            int gold = 0;
            int predicted = 0;
            for (int other = 0; other < labels.size(); other++) {
                gold += counts[label][other];
                predicted += counts[other][label];
            }
            int both = counts[label][label];
            var own = new LinkedHashMap<String, Double>();
            own.put("precision", predicted == 0 ? 0 : (double) both / predicted);
            own.put("recall", gold == 0 ? 0 : (double) both / gold);
            own.put("f1", gold + predicted == 0 ? 0 : 2.0 * both / (gold + predicted));
            own.put("support", (double) gold);
            scores.put(labels.get(label), own);
        }
        return scores;
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(new ConfusionMatrix(labels, counts));
    }
}
