package dev.mtl.heads.masked;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The share of hidden tokens that were the most probable ones, and the perplexity: the exponential
 * of the mean loss over all of them. For joint accuracy every text counts as right.
 */
final class PerplexityMetric implements Metric {
    private double loss;
    private long right;
    private long tokens;

    @Override
    public boolean add(Prediction prediction, Target target) {
        var text = (MaskedText) prediction;
        loss += text.loss();
        right += text.right();
        tokens += text.tokens();
        return true;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("accuracy", tokens == 0 ? 0 : (double) right / tokens);
        scores.put("perplexity", tokens == 0 ? 1 : Math.exp(loss / tokens));
        return scores;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return Set.of("perplexity");
    }
}
