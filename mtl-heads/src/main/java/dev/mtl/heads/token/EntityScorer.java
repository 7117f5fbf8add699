package dev.mtl.heads.token;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Scorer;
import dev.mtl.core.head.Target;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Precision, recall and F1 of whole entities, over all types together, as {@code conlleval.pl}
 * counts them: an entity is right if its words and its type are.
 */
public final class EntityScorer implements Scorer {
    private final Counts all = new Counts();
    private final TreeMap<String, Counts> byType = new TreeMap<>();

    /** How many entities were predicted, are in the data, and are both. */
    private static final class Counts {
        private int predicted;
        private int gold;
        private int right;

        double precision() {
            return predicted == 0 ? 0 : (double) right / predicted;
        }

        double recall() {
            return gold == 0 ? 0 : (double) right / gold;
        }

        double f1() {
            return predicted + gold == 0 ? 0 : 2.0 * right / (predicted + gold);
        }

        Map<String, Double> scores() {
            var scores = new LinkedHashMap<String, Double>();
            scores.put("precision", precision());
            scores.put("recall", recall());
            scores.put("f1", f1());
            return scores;
        }
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        return add(((Tagged) prediction).tags(), TokenClassificationHead.tags(target).tags());
    }

    /** Counts one text by its tags; gives whether every tag is right. */
    public boolean add(List<String> predictedTags, List<String> goldTags) {
        if (predictedTags.size() != goldTags.size()) {
            throw new IllegalArgumentException(
                    predictedTags.size() + " predicted tags for " + goldTags.size() + " words");
        }
        var predicted = new HashSet<>(Spans.of(predictedTags));
        var gold = new HashSet<>(Spans.of(goldTags));
        for (var span : predicted) {
            all.predicted++;
            counts(span.type()).predicted++;
        }
        for (var span : gold) {
            boolean right = predicted.contains(span);
            all.gold++;
            counts(span.type()).gold++;
            all.right += right ? 1 : 0;
            counts(span.type()).right += right ? 1 : 0;
        }
        return predictedTags.equals(goldTags);
    }

    private Counts counts(String type) {
        return byType.computeIfAbsent(type, key -> new Counts());
    }

    @Override
    public Map<String, Double> scores() {
        return all.scores();
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        byType.forEach(
                (type, counts) -> {
                    var own = new LinkedHashMap<>(counts.scores());
                    own.put("support", (double) counts.gold);
                    scores.put(type, own);
                });
        return scores;
    }
}
