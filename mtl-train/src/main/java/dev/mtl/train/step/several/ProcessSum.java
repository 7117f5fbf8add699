package dev.mtl.train.step.several;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.step.GradientSum;
import dev.mtl.train.step.several.SeveralProcesses.Summation;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * A sum over the micro-batches of several processes. Gradients are kept until all micro-batches of
 * the process are done; {@link #exchange} then adds them to what the processes before it have.
 */
final class ProcessSum implements GradientSum {
    private final TensorScope owner = TensorScope.shared();
    private final Summation summation;
    private final boolean first;
    private final SequencedMap<Integer, List<@Nullable Tensor>> kept = new TreeMap<>();
    private final BitSet present = new BitSet();
    private @Nullable FlatGradients layout;
    private @Nullable Tensor vector;
    private List<@Nullable Tensor> gradients = List.of();

    /**
     * An empty sum.
     *
     * @param first whether this process has the first micro-batches
     */
    ProcessSum(Summation summation, boolean first) {
        this.summation = summation;
        this.first = first;
    }

    /** Says how the gradients of the step lie in a vector; called before any is added. */
    synchronized void begin(FlatGradients ofStep) {
        layout = ofStep;
    }

    private FlatGradients layout() {
        return Objects.requireNonNull(layout, "the step has not begun");
    }

    @Override
    public void add(int microBatch, List<@Nullable Tensor> added) {
        FlatGradients ofStep;
        synchronized (this) {
            ofStep = layout();
        }
        var own = ofStep.keep(added, owner); // by several workers at once
        synchronized (this) {
            for (int i = 0; i < own.size(); i++) {
                if (own.get(i) != null) {
                    present.set(i);
                }
            }
            kept.put(microBatch, own);
        }
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
        boolean inOrder = summation == Summation.IN_ORDER;
        if (!inOrder && !first && vector != null) { // the sum of the rounds before is counted once
            vector.close();
            vector = null;
        }
        boolean begins = vector == null && (first || !inOrder);
        var sum = vector();
        layout().useBuckets(
                        sum,
                        buckets -> {
                            IntConsumer addOwn =
                                    bucket -> layout().add(sum, bucket, kept.values(), begins);
                            if (inOrder) {
                                processes.sumInOrder(buckets, addOwn);
                                return;
                            }
                            for (int bucket = 0; bucket < buckets.size(); bucket++) {
                                addOwn.accept(bucket);
                            }
                            if (summation == Summation.IN_ANY_ORDER) {
                                processes.sum(buckets);
                            }
                        });
        if (summation == Summation.IN_BF16) {
            HalfPrecisionSum.of(processes, sum);
        }
        kept.values().forEach(ProcessSum::free);
        kept.clear();
    }

    private Tensor vector() {
        var sum = vector;
        if (sum == null) {
            try (var _ = TensorScope.open()) {
                sum = owner.take(layout().uninitialized());
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
            gradients = layout().gradients(vector(), present, owner);
        }
        return gradients;
    }

    @Override
    public void close() {
        owner.close();
    }
}
