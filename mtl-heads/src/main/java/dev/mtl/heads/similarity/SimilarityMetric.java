package dev.mtl.heads.similarity;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.Correlation;
import dev.mtl.heads.Cosine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Spearman's and Pearson's correlation of cosines and scores. For joint accuracy every pair counts
 * as right, because a single pair is neither right nor wrong.
 */
final class SimilarityMetric implements Metric {
    private final List<Double> cosines = new ArrayList<>();
    private final List<Double> scores = new ArrayList<>();

    @Override
    public boolean add(Prediction prediction, Target target) {
        cosines.add(((Cosine) prediction).value());
        scores.add(SimilarityHead.score(target));
        return true;
    }

    @Override
    public Map<String, Double> scores() {
        var said = cosines.stream().mapToDouble(Double::doubleValue).toArray();
        var gold = scores.stream().mapToDouble(Double::doubleValue).toArray();
        var result = new LinkedHashMap<String, Double>();
        result.put("spearman", Correlation.spearman(said, gold));
        result.put("pearson", Correlation.pearson(said, gold));
        return result;
    }
}
