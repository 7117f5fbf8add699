package dev.mtl.heads.regression;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Scorer;
import dev.mtl.core.head.Target;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Mean squared and mean absolute error, Pearson's and Spearman's correlation; of several figures,
 * the mean of theirs. A text counts as right for accuracy over several tasks if no figure is off by
 * half or more.
 */
final class CorrelationScorer implements Scorer {
    private final int width;
    private final List<double[]> predicted = new ArrayList<>();
    private final List<double[]> gold = new ArrayList<>();

    CorrelationScorer(int width) {
        this.width = width;
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var said = array(((RegressionHead.Figures) prediction).values());
        var right = array(RegressionHead.values(target));
        if (right.length != width) {
            throw new IllegalArgumentException(
                    "a text has " + right.length + " figures, the model " + width);
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
            pearson += correlation(said, right) / width;
            spearman += correlation(ranks(said), ranks(right)) / width;
        }
        var scores = new LinkedHashMap<String, Double>();
        scores.put("mse", squares);
        scores.put("mae", absolute);
        scores.put("pearson", pearson);
        scores.put("spearman", spearman);
        return scores;
    }

    private static double[] column(List<double[]> rows, int column) {
        return rows.stream().mapToDouble(row -> row[column]).toArray();
    }

    /** Pearson's r; 0 where one side does not vary. */
    static double correlation(double[] a, double[] b) {
        double meanA = IntStream.range(0, a.length).mapToDouble(i -> a[i]).average().orElse(0);
        double meanB = IntStream.range(0, b.length).mapToDouble(i -> b[i]).average().orElse(0);
        double both = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            both += (a[i] - meanA) * (b[i] - meanB);
            ofA += (a[i] - meanA) * (a[i] - meanA);
            ofB += (b[i] - meanB) * (b[i] - meanB);
        }
        return ofA == 0 || ofB == 0 ? 0 : both / Math.sqrt(ofA * ofB);
    }

    /** Places from 1; equals share the mean of theirs. */
    static double[] ranks(double[] values) {
        var order =
                IntStream.range(0, values.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> values[i]))
                        .toList();
        var ranks = new double[values.length];
        for (int from = 0; from < order.size(); ) {
            int to = from;
            while (to < order.size() && values[order.get(to)] == values[order.get(from)]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order.get(i)] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
