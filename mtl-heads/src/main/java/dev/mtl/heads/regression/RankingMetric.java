package dev.mtl.heads.regression;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How well the texts of a query are ranked: NDCG at 10 with linear gains, as scikit-learn's {@code
 * ndcg_score} has them, and the mean reciprocal rank of the first text with the query's highest
 * value; means over the queries whose texts differ in value. Gains are the values, of a query with
 * values below zero what they are above its lowest. The other scores are those of {@link
 * CorrelationMetric}. For joint accuracy every text counts as right: none is so by itself.
 */
final class RankingMetric implements Metric {
    private static final int CUT = 10;

    private final CorrelationMetric values = new CorrelationMetric(1);
    private final Map<String, List<Ranked>> byQuery = new LinkedHashMap<>();

    /** A text: its score, and the value of the data. */
    private record Ranked(double score, double value) {}

    @Override
    public boolean add(Prediction prediction, Target target) {
        values.add(prediction, target);
        var said = (RegressionHead.Figures) prediction;
        byQuery.computeIfAbsent(said.query(), query -> new ArrayList<>())
                .add(
                        new Ranked(
                                said.values().getFirst(),
                                RegressionHead.values(target).getFirst()));
        return true;
    }

    @Override
    public Map<String, Double> scores() {
        double ndcg = 0;
        double reciprocal = 0;
        int queries = 0;
        for (var texts : byQuery.values()) {
            double least = extreme(texts, -1);
            double most = extreme(texts, 1);
            if (least < most) {
                var ranked = new ArrayList<>(texts);
                ranked.sort(Comparator.comparingDouble(text -> -text.score()));
                var ideal = new ArrayList<>(texts);
                ideal.sort(Comparator.comparingDouble(text -> -text.value()));
                double base = Math.min(0, least);
                ndcg += dcg(ranked, base) / dcg(ideal, base);
                reciprocal += 1.0 / (1 + firstOf(most, ranked));
                queries++;
            }
        }
        var scores = new LinkedHashMap<String, Double>();
        scores.put("ndcg_at_10", queries == 0 ? 0 : ndcg / queries);
        scores.put("mrr", queries == 0 ? 0 : reciprocal / queries);
        scores.putAll(values.scores());
        return scores;
    }

    private static double extreme(List<Ranked> texts, int sign) {
        return sign * texts.stream().mapToDouble(text -> sign * text.value()).max().orElse(0);
    }

    private static int firstOf(double value, List<Ranked> ranked) {
        int rank = 0;
        while (ranked.get(rank).value() < value) {
            rank++;
        }
        return rank;
    }

    private static double dcg(List<Ranked> texts, double base) {
        double sum = 0;
        for (int rank = 0; rank < Math.min(CUT, texts.size()); rank++) {
            sum += (texts.get(rank).value() - base) * Math.log(2) / Math.log(rank + 2);
        }
        return sum;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return values.lowerIsBetter();
    }
}
