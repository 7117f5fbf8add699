package dev.mtl.train.retrieval;

import dev.mtl.train.retrieval.NearestTexts.Hit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The mean over queries of what is found among the first k texts: the reciprocal rank of the first
 * relevant one, the discounted cumulative gain relative to the best order there is, and the share
 * of the relevant ones. A text is relevant or not, as in sentence-transformers.
 */
public final class RetrievalScores {
    private RetrievalScores() {}

    /** The names of the scores, in the order of {@link #of}. */
    public static List<String> names(List<Integer> ks) {
        return ks.stream()
                .flatMap(k -> List.of("mrr_at_" + k, "ndcg_at_" + k, "recall_at_" + k).stream())
                .toList();
    }

    /**
     * Scores what was found.
     *
     * @param found for each query, the nearest texts first, at least as many as the largest k
     * @param relevant for each query, the texts that should be found; none is empty
     * @param ks numbers of texts
     */
    public static SequencedMap<String, Double> of(
            List<List<Hit>> found, List<Set<Integer>> relevant, List<Integer> ks) {
        var scores = new LinkedHashMap<String, Double>();
        for (int k : ks) {
            double reciprocal = 0;
            double gain = 0;
            double recall = 0;
            for (int query = 0; query < found.size(); query++) {
                var wanted = relevant.get(query);
                var hits = found.get(query).subList(0, Math.min(k, found.get(query).size()));
                int right = 0;
                double own = 0;
                for (int rank = 1; rank <= hits.size(); rank++) {
                    if (wanted.contains(hits.get(rank - 1).text())) {
                        reciprocal += right == 0 ? 1.0 / rank : 0;
                        own += discount(rank);
                        right++;
                    }
                }
                double best = 0;
                for (int rank = 1; rank <= Math.min(k, wanted.size()); rank++) {
                    best += discount(rank);
                }
                gain += own / best;
                recall += (double) right / wanted.size();
            }
            var figures = List.of(reciprocal, gain, recall);
            var names = names(List.of(k));
            for (int i = 0; i < names.size(); i++) {
                scores.put(names.get(i), figures.get(i) / found.size());
            }
        }
        return scores;
    }

    private static double discount(int rank) {
        return Math.log(2) / Math.log(rank + 1);
    }
}
