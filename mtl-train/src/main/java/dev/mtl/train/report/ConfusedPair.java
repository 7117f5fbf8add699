package dev.mtl.train.report;

import dev.mtl.core.head.ConfusionMatrix;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A label that was mistaken for another.
 *
 * @param gold the label of the data
 * @param predicted the label that was predicted instead
 * @param count how often that happened
 * @param ofGold how often the data has the label
 */
record ConfusedPair(String gold, String predicted, int count, int ofGold) {
    /** All confused pairs of a matrix, the most frequent first. */
    static List<ConfusedPair> of(ConfusionMatrix matrix) {
        int size = matrix.labels().size();
        var pairs = new ArrayList<ConfusedPair>();
        for (int gold = 0; gold < size; gold++) {
            int total = 0;
            for (int predicted = 0; predicted < size; predicted++) {
                total += matrix.count(gold, predicted);
            }
            for (int predicted = 0; predicted < size; predicted++) {
                int count = matrix.count(gold, predicted);
                if (gold != predicted && count > 0) {
                    pairs.add(
                            new ConfusedPair(
                                    matrix.labels().get(gold),
                                    matrix.labels().get(predicted),
                                    count,
                                    total));
                }
            }
        }
        pairs.sort(Comparator.comparingInt(ConfusedPair::count).reversed());
        return pairs;
    }
}
