package dev.mtl.train.step.several;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.step.GradientSum;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A sum over the micro-batches of several processes. Gradients are kept until all micro-batches of
 * the process are done; {@link #exchange} then adds them to what the processes before it have.
 */
final class ProcessSum implements GradientSum {
    private final TensorScope owner = TensorScope.shared();
    private final FlatGradients layout;
    private final boolean inOrder;
    private final boolean first;
    private final SequencedMap<Integer, List<@Nullable Tensor>> kept = new TreeMap<>();
    private final BitSet present = new BitSet();
    private @Nullable Tensor vector;
    private List<@Nullable Tensor> gradients = List.of();

    /**
     * An empty sum.
     *
     * @param inOrder whether micro-batches are added in their order
     * @param first whether this process has the first micro-batches
     */
    ProcessSum(FlatGradients layout, boolean inOrder, boolean first) {
        this.layout = layout;
        this.inOrder = inOrder;
        this.first = first;
    }

    @Override
    public synchronized void add(int microBatch, List<@Nullable Tensor> added) {
        var own = new ArrayList<@Nullable Tensor>();
        for (int i = 0; i < added.size(); i++) {
            var gradient = added.get(i);
            own.add(gradient == null ? null : owner.take(gradient));
            if (gradient != null) {
                present.set(i);
            }
        }
        kept.put(microBatch, own);
    }

    /** Nothing waits here for another micro-batch. */
    @Override
    public void abandon(int microBatch) {}

    /** Which parameters have a gradient in a micro-batch of this process. */
    synchronized byte[] present() {
        return present.toByteArray();
    }

    /**
     * Sums over the processes; each calls this for the same sums in the same order.
     *
     * @param presentAnywhere {@link #present} of all processes
     */
    synchronized void exchange(Collective processes, BitSet presentAnywhere) {
        present.or(presentAnywhere);
        if (!inOrder && !first && vector != null) { // the sum of the rounds before is counted once
            vector.close();
            vector = null;
        }
        var sum = vector();
        if (inOrder) {
            layout.useBuckets(
                    sum,
                    buckets ->
                            processes.sumInOrder(
                                    buckets, bucket -> layout.add(sum, bucket, kept.values())));
        } else {
            layout.useBuckets(
                    sum,
                    buckets -> {
                        for (int bucket = 0; bucket < buckets.size(); bucket++) {
                            layout.add(sum, bucket, kept.values());
                        }
                        processes.sum(buckets);
                    });
        }
        kept.values().forEach(ProcessSum::free);
        kept.clear();
    }

    private Tensor vector() {
        var sum = vector;
        if (sum == null) {
            try (var _ = TensorScope.open()) {
                boolean begins = first || !inOrder;
                sum = owner.take(begins ? layout.nothing() : layout.uninitialized());
            }
            vector = sum;
        }
        return sum;
    }

    private static void free(List<@Nullable Tensor> gradients) {
        for (var gradient : gradients) {
            if (gradient != null) {
                gradient.close();
            }
        }
    }

    @Override
    public synchronized List<@Nullable Tensor> gradients() {
        if (gradients.isEmpty()) {
            gradients = layout.views(vector(), present, owner);
        }
        return gradients;
    }

    @Override
    public void close() {
        owner.close();
    }
}
