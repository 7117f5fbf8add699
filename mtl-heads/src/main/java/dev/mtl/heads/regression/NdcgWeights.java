package dev.mtl.heads.regression;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The weights of NDCG-Loss2++ (Wang et al. 2018, equation 22) for the pairs of a query's texts. */
final class NdcgWeights {
    /** The weight of NDCG-Loss2 beside LambdaRank's. */
    private static final double MU = 10;

    private final float[] wanted;
    private final int[] ranked;
    private final double[] gains;

    /**
     * Ranks the texts of a query.
     *
     * @param scores of all texts
     * @param wanted the relevance of all texts
     * @param group the places of the query's texts
     */
    NdcgWeights(float[] scores, float[] wanted, int[] group) {
        this.wanted = wanted;
        ranked =
                Arrays.stream(group)
                        .boxed()
                        .sorted(Comparator.comparingDouble(place -> -scores[place]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        var ideal = Arrays.stream(group).mapToDouble(place -> -gain(wanted[place])).sorted();
        var sorted = ideal.map(gain -> -gain).toArray();
        double most =
                IntStream.range(0, sorted.length)
                        .mapToDouble(rank -> sorted[rank] / discount(rank))
                        .sum();
        gains =
                Arrays.stream(ranked)
                        .mapToDouble(place -> gain(wanted[place]) / Math.max(most, 1e-10))
                        .toArray();
    }

    private static double gain(double relevance) {
        return Math.pow(2, Math.max(0, relevance)) - 1;
    }

    /** Of a rank from 0. */
    private static double discount(int rank) {
        return Math.log(rank + 2) / Math.log(2);
    }

    /** Adds each pair of a better and a worse text, with its weight. */
    void addTo(RankingLoss.Pairs pairs) {
        for (int i = 0; i < ranked.length; i++) {
            for (int j = 0; j < ranked.length; j++) {
                if (wanted[ranked[i]] > wanted[ranked[j]]) {
                    pairs.add(ranked[i], ranked[j], weight(i, j));
                }
            }
        }
    }

    private double weight(int i, int j) {
        int apart = Math.abs(i - j);
        double loss2 = Math.abs(1 / discount(apart - 1) - 1 / discount(apart));
        double rank = Math.abs(1 / discount(i) - 1 / discount(j));
        return (MU * loss2 + rank) * Math.abs(gains[i] - gains[j]);
    }
}
