package dev.mtl.heads.regression;

import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Losses that compare the texts of a query with each other, as sentence-transformers' CrossEncoder
 * computes them. They read one score and one wanted value a text, and which texts belong together.
 */
enum RankingLoss {
    /**
     * The squared error of the differences of scores, of all pairs of texts of a query
     * (Hofst&auml;tter et al. 2020, arXiv 2010.02666).
     */
    MARGIN_MSE {
        @Override
        int items(float[] wanted, int[] group) {
            return group.length * (group.length - 1) / 2;
        }

        @Override
        Tensor mean(Tensor scores, float[] wanted, Collection<int[]> groups) {
            var pairs = new Pairs();
            for (var group : groups) {
                for (int i = 0; i < group.length; i++) {
                    for (int j = i + 1; j < group.length; j++) {
                        pairs.add(group[i], group[j], wanted[group[i]] - wanted[group[j]]);
                    }
                }
            }
            return pairs.differences(scores).mseLoss(pairs.values(scores), Losses.Reduction.MEAN);
        }
    },
    /**
     * The cross-entropy of the softmax over the texts of a query and that of the wanted values (Cao
     * et al. 2007, ListNet).
     */
    LISTNET {
        @Override
        int items(float[] wanted, int[] group) {
            return 1;
        }

        @Override
        Tensor mean(Tensor scores, float[] wanted, Collection<int[]> groups) {
            var losses = new ArrayList<Tensor>();
            for (var group : groups) {
                var rows = new long[group.length];
                for (int i = 0; i < rows.length; i++) {
                    rows[i] = group[i];
                }
                var own = scores.indexSelect(0, on(Tensors.of(rows, rows.length), scores));
                var shares = on(Tensors.of(softmax(wanted, group), group.length), scores);
                losses.add(own.logsumexp(0).sub(own.mul(shares).sum()));
            }
            return Tensors.stack(losses, 0).sum().div(groups.size());
        }
    },
    /**
     * LambdaLoss with the weights of NDCG-Loss2++ (Wang et al. 2018): the logistic loss of each
     * pair of texts whose order the values give, weighted by what it changes in the NDCG.
     */
    LAMBDA {
        @Override
        int items(float[] wanted, int[] group) {
            int ordered = 0;
            for (int better : group) {
                for (int worse : group) {
                    ordered += wanted[better] > wanted[worse] ? 1 : 0;
                }
            }
            return ordered;
        }

        @Override
        Tensor mean(Tensor scores, float[] wanted, Collection<int[]> groups) {
            var said = scores.detach().toFloats();
            var pairs = new Pairs();
            for (var group : groups) {
                new NdcgWeights(said, wanted, group).addTo(pairs);
            }
            var smallest = on(Tensors.scalar((float) SMALLEST), scores);
            var log = pairs.differences(scores).sigmoid().maximum(smallest).log();
            return log.mul(pairs.values(scores))
                    .maximum(on(Tensors.scalar((float) Math.log(SMALLEST)), scores))
                    .mean()
                    .div(-Math.log(2));
        }
    };

    /** No probability counts as less. */
    private static final double SMALLEST = 1e-10;

    /** How many items of the mean the texts of a query are. */
    abstract int items(float[] wanted, int[] group);

    /**
     * The mean over all items.
     *
     * @param scores of the texts, {@code [B]}
     * @param wanted of each text
     * @param groups the texts of each query, by their places
     */
    abstract Tensor mean(Tensor scores, float[] wanted, Collection<int[]> groups);

    /** The places of the texts of each query. */
    static Collection<int[]> groups(List<String> queries) {
        var byQuery = new LinkedHashMap<String, List<Integer>>();
        for (int i = 0; i < queries.size(); i++) {
            byQuery.computeIfAbsent(queries.get(i), query -> new ArrayList<>()).add(i);
        }
        return byQuery.values().stream()
                .map(places -> places.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private static float[] softmax(float[] values, int[] group) {
        double most = Double.NEGATIVE_INFINITY;
        for (int place : group) {
            most = Math.max(most, values[place]);
        }
        var shares = new float[group.length];
        double sum = 0;
        for (int place : group) {
            sum += Math.exp(values[place] - most);
        }
        for (int i = 0; i < group.length; i++) {
            shares[i] = (float) (Math.exp(values[group[i]] - most) / sum);
        }
        return shares;
    }

    private static Tensor on(Tensor values, Tensor beside) {
        return values.to(beside.device());
    }

    /** Pairs of texts, each with a value. */
    static final class Pairs {
        private final List<Integer> first = new ArrayList<>();
        private final List<Integer> second = new ArrayList<>();
        private final List<Double> values = new ArrayList<>();

        void add(int one, int other, double value) {
            first.add(one);
            second.add(other);
            values.add(value);
        }

        /** The first text's score minus the second's. */
        private Tensor differences(Tensor scores) {
            return pick(scores, first).sub(pick(scores, second));
        }

        private static Tensor pick(Tensor scores, List<Integer> places) {
            var rows = places.stream().mapToLong(Integer::longValue).toArray();
            return scores.indexSelect(0, on(Tensors.of(rows, rows.length), scores));
        }

        private Tensor values(Tensor beside) {
            var array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = values.get(i).floatValue();
            }
            return on(Tensors.of(array, array.length), beside);
        }
    }
}
