package dev.mtl.heads.token;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.PrecisionRecall;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Precision, recall and F1 of whole entities, over all types together, as {@code conlleval.pl}
 * counts them: an entity is right if both its words and its type are.
 */
final class EntityMetric implements Metric {
    private final PrecisionRecall all = new PrecisionRecall();
    private final TreeMap<String, PrecisionRecall> byType = new TreeMap<>();

    @Override
    public boolean add(Prediction prediction, Target target) {
        return add(((Tagged) prediction).tags(), TokenClassificationHead.tags(target).tags());
    }

    /** Counts one text by its tags; returns whether every tag is right. */
    public boolean add(List<String> predictedTags, List<String> goldTags) {
        if (predictedTags.size() != goldTags.size()) {
            throw new IllegalArgumentException(
                    predictedTags.size() + " predicted tags for " + goldTags.size() + " words");
        }
        var predicted = new HashSet<>(Spans.of(predictedTags));
        var gold = new HashSet<>(Spans.of(goldTags));
        var either = new HashSet<>(predicted);
        either.addAll(gold);
        for (var span : either) {
            boolean isPredicted = predicted.contains(span);
            boolean isGold = gold.contains(span);
            all.add(isPredicted, isGold);
            byType.computeIfAbsent(span.type(), key -> new PrecisionRecall())
                    .add(isPredicted, isGold);
        }
        return predictedTags.equals(goldTags);
    }

    @Override
    public Map<String, Double> scores() {
        return all.scores();
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byType);
    }
}
