package dev.mtl.heads.regression;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.Correlation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Mean squared error, mean absolute error, Pearson's and Spearman's correlation; with several
 * values per text, the mean over them. For joint accuracy a text counts as right if every value is
 * off by less than one half.
 */
final class CorrelationMetric implements Metric {
    private final int width;
    private final List<double[]> predicted = new ArrayList<>();
    private final List<double[]> gold = new ArrayList<>();

    CorrelationMetric(int width) {
        this.width = width;
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var said = array(((RegressionHead.Figures) prediction).values());
        var right = array(RegressionHead.values(target));
        if (right.length != width) {
            throw new IllegalArgumentException(
                    "a text has " + right.length + " values, the model predicts " + width);
        }
        predicted.add(said);
        gold.add(right);
        return IntStream.range(0, width).allMatch(i -> Math.abs(said[i] - right[i]) < 0.5);
    }

    private static double[] array(List<? extends Number> figures) {
        return figures.stream().mapToDouble(Number::doubleValue).toArray();
    }

    @Override
    public Map<String, Double> scores() {
        double squares = 0;
        double absolute = 0;
        double pearson = 0;
        double spearman = 0;
        for (int i = 0; i < width; i++) {
            var said = column(predicted, i);
            var right = column(gold, i);
            for (int row = 0; row < said.length; row++) {
                squares += Math.pow(said[row] - right[row], 2) / said.length / width;
                absolute += Math.abs(said[row] - right[row]) / said.length / width;
            }
            pearson += Correlation.pearson(said, right) / width;
            spearman += Correlation.spearman(said, right) / width;
        }
        var scores = new LinkedHashMap<String, Double>();
        scores.put("mse", squares);
        scores.put("mae", absolute);
        scores.put("pearson", pearson);
        scores.put("spearman", spearman);
        return scores;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return Set.of("mse", "mae");
    }

    private static double[] column(List<double[]> rows, int column) {
        return rows.stream().mapToDouble(row -> row[column]).toArray();
    }
}
