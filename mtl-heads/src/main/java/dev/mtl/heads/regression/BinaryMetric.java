package dev.mtl.heads.regression;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.Ratio;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Average precision, as scikit-learn's {@code average_precision_score} computes it, and accuracy of
 * probabilities; a value of the data from 0.5 on means yes. The other scores are those of {@link
 * CorrelationMetric}.
 */
final class BinaryMetric implements Metric {
    private final CorrelationMetric values = new CorrelationMetric(1);
    private final List<Answer> answers = new ArrayList<>();
    private final Ratio right = new Ratio();

    private record Answer(double probability, boolean yes) {}

    @Override
    public boolean add(Prediction prediction, Target target) {
        values.add(prediction, target);
        var answer =
                new Answer(
                        ((RegressionHead.Figures) prediction).values().getFirst(),
                        RegressionHead.values(target).getFirst() >= 0.5);
        answers.add(answer);
        return right.add(answer.probability() >= 0.5 == answer.yes());
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("average_precision", averagePrecision());
        scores.put("accuracy", right.value());
        scores.putAll(values.scores());
        return scores;
    }

    /** The mean precision at each yes; answers of the same probability count together. */
    private double averagePrecision() {
        var ranked = new ArrayList<>(answers);
        ranked.sort(Comparator.comparingDouble(answer -> -answer.probability()));
        double sum = 0;
        int yes = 0;
        int before = 0;
        for (int i = 0; i < ranked.size(); i++) {
            yes += ranked.get(i).yes() ? 1 : 0;
            boolean isLast =
                    i + 1 == ranked.size()
                            || ranked.get(i + 1).probability() < ranked.get(i).probability();
            if (isLast) {
                sum += (double) (yes - before) * yes / (i + 1);
                before = yes;
            }
        }
        return yes == 0 ? 0 : sum / yes;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return values.lowerIsBetter();
    }
}
