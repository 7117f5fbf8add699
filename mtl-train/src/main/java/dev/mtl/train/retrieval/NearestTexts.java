package dev.mtl.train.retrieval;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/** The nearest texts of a corpus by the cosine of their embeddings, all of which are compared. */
public final class NearestTexts {
    /** Compared at once: their cosines are in memory. */
    private static final int QUERIES = 64;

    private static final int TEXTS = 1 << 13;
    private static final double LEAST_NORM = 1e-12;

    /** The nearest first; of texts with the same cosine, the first of the corpus. */
    private static final Comparator<Hit> ORDER =
            Comparator.comparingDouble((Hit hit) -> -hit.cosine()).thenComparingInt(Hit::text);

    private NearestTexts() {}

    /**
     * A text of the corpus.
     *
     * @param text its place in the corpus, from 0
     * @param cosine of its embedding and the query's
     */
    public record Hit(int text, float cosine) {}

    /**
     * Searches the corpus for each query.
     *
     * @param queries embeddings, {@code [N][H]}
     * @param corpus embeddings, {@code [M][H]}
     * @param count of the nearest texts
     * @param progress is told how many queries are done
     * @return for each query at most {@code count} texts, the nearest first
     */
    public static List<List<Hit>> of(
            float[][] queries, float[][] corpus, int count, IntConsumer progress) {
        return of(queries, corpus, count, (_, _) -> true, progress);
    }

    /** Says which texts of the corpus a query may find. */
    public interface Allowed {
        /** By the places of the query and of the text. */
        boolean test(int query, int text);
    }

    /**
     * Searches a part of the corpus for each query.
     *
     * @param allowed which part
     */
    public static List<List<Hit>> of(
            float[][] queries, float[][] corpus, int count, Allowed allowed, IntConsumer progress) {
        var all = new ArrayList<List<Hit>>();
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var blocks = new ArrayList<Tensor>();
            for (int from = 0; from < corpus.length; from += TEXTS) {
                blocks.add(units(corpus, from, TEXTS).transpose(0, 1));
            }
            for (int from = 0; from < queries.length; from += QUERIES) {
                try (var _ = TensorScope.open()) {
                    int first = from;
                    all.addAll(
                            search(
                                    units(queries, from, QUERIES),
                                    blocks,
                                    count,
                                    (query, text) -> allowed.test(first + query, text)));
                }
                progress.accept(all.size());
            }
        }
        return all;
    }

    /** Rows of length 1. */
    private static Tensor units(float[][] rows, int from, int most) {
        int count = Math.min(most, rows.length - from);
        int size = rows[from].length;
        var flat = new float[count * size];
        for (int i = 0; i < count; i++) {
            var row = rows[from + i];
            double squares = 0;
            for (float value : row) {
                squares += (double) value * value;
            }
            double norm = Math.max(Math.sqrt(squares), LEAST_NORM);
            for (int j = 0; j < size; j++) {
                flat[i * size + j] = (float) (row[j] / norm);
            }
        }
        return Tensors.of(flat, count, size);
    }

    private static List<List<Hit>> search(
            Tensor queries, List<Tensor> blocks, int count, Allowed allowed) {
        var best = new ArrayList<PriorityQueue<Hit>>();
        for (int i = 0; i < queries.size(0); i++) {
            best.add(new PriorityQueue<>(ORDER.reversed()));
        }
        for (int block = 0; block < blocks.size(); block++) {
            var rows = queries.matmul(blocks.get(block)).toFloatRows();
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < rows[i].length; j++) {
                    var hit = new Hit(block * TEXTS + j, rows[i][j]);
                    if (isBetter(hit, best.get(i), count) && allowed.test(i, hit.text())) {
                        best.get(i).add(hit);
                        if (best.get(i).size() > count) {
                            best.get(i).remove();
                        }
                    }
                }
            }
        }
        return best.stream().map(own -> own.stream().sorted(ORDER).toList()).toList();
    }

    /** Texts come in their order: one with the same cosine as the last of the best is no better. */
    private static boolean isBetter(Hit hit, PriorityQueue<Hit> best, int count) {
        return best.size() < count || hit.cosine() > best.element().cosine();
    }

    /** The cosine of two embeddings. */
    public static float cosine(float[] a, float[] b) {
        double dot = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            ofA += (double) a[i] * a[i];
            ofB += (double) b[i] * b[i];
        }
        return (float) (dot / Math.max(Math.sqrt(ofA * ofB), LEAST_NORM));
    }
}
