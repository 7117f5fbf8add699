package dev.mtl.train.step.several;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.step.GradientSum;
import dev.mtl.train.step.Replica;
import dev.mtl.train.step.several.SeveralProcesses.Summation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A sum over the micro-batches of several processes. Gradients are kept until all micro-batches of
 * the process have them; {@link #exchange}, which may run meanwhile in another thread, adds them to
 * what the processes before it have. It begins with the upper layers, while the lower ones are
 * computed.
 */
final class ProcessSum implements GradientSum {
    /** No gradients are complete. */
    private static final int NOTHING = Integer.MAX_VALUE;

    private final TensorScope owner = TensorScope.shared();
    private final Summation summation;
    private final ParameterLayers layers;
    private final boolean first;
    private final SequencedMap<Integer, List<@Nullable Tensor>> kept = new TreeMap<>();
    private final BitSet present = new BitSet();
    private final Map<Integer, Integer> completeFrom = new HashMap<>();
    private @Nullable FlatGradients layout;
    private @Nullable Tensor vector;
    private List<@Nullable Tensor> gradients = List.of();
    private int expected;
    private boolean failed;

    /**
     * An empty sum.
     *
     * @param first whether this process has the first micro-batches
     */
    ProcessSum(Summation summation, ParameterLayers layers, boolean first) {
        this.summation = summation;
        this.layers = layers;
        this.first = first;
    }

    /** Says how the gradients of the step lie in a vector; called before any is added. */
    synchronized void begin(FlatGradients ofStep) {
        layout = ofStep;
    }

    /** Begins a round; called before any of its micro-batches is computed. */
    synchronized void expect(int microBatches) {
        expected = microBatches;
        completeFrom.clear();
    }

    private FlatGradients layout() {
        return Objects.requireNonNull(layout, "the step has not begun");
    }

    @Override
    public void add(int microBatch, List<@Nullable Tensor> added) {
        keep(microBatch, 0, added);
    }

    @Override
    public void addFrom(int layer, Replica replica) {
        if (replica.awaited()) {
            keep(
                    replica.microBatch(),
                    layer,
                    replica.takeGradients(name -> layers.of(name) >= layer));
        }
    }

    private void keep(int microBatch, int layer, List<@Nullable Tensor> added) {
        FlatGradients ofStep;
        synchronized (this) {
            ofStep = layout();
        }
        var own = ofStep.keep(added, owner); // by several workers at once
        synchronized (this) {
            var all =
                    kept.computeIfAbsent(
                            microBatch,
                            _ -> new ArrayList<>(Collections.nCopies(own.size(), null)));
            for (int i = 0; i < own.size(); i++) {
                if (own.get(i) != null) {
                    all.set(i, own.get(i));
                    present.set(i);
                }
            }
            completeFrom.put(microBatch, layer);
            notifyAll();
        }
    }

    /** The sum is of no use any more, but other processes still wait for their part of it. */
    @Override
    public void abandon(int microBatch) {
        fail();
    }

    /** Lets {@link #exchange} come to its end without the gradients of this process. */
    synchronized void fail() {
        failed = true;
        notifyAll();
    }

    /** The layer from which on upwards all micro-batches have their gradients. */
    private synchronized int completeFrom() {
        if (completeFrom.size() < expected) {
            return NOTHING;
        }
        return completeFrom.values().stream().mapToInt(layer -> layer).max().orElse(0);
    }

    private synchronized boolean isReady(int bucket) {
        return failed || layout().lowestLayer(bucket) >= completeFrom();
    }

    private synchronized void awaitReady(int bucket) {
        while (!isReady(bucket)) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while gradients were summed", e);
            }
        }
    }

    /** Which parameters have a gradient in a micro-batch of this process. */
    synchronized byte[] present() {
        return present.toByteArray();
    }

    /** Says which parameters have a gradient in a micro-batch of any process. */
    synchronized void present(BitSet anywhere) {
        present.or(anywhere);
    }

    /**
     * Sums over the processes, while the micro-batches of this one are computed; each process calls
     * this for the same sums in the same order.
     */
    void exchange(Collective processes) {
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
                            if (!buckets.isEmpty()) {
                                awaitReady(0); // until then, asking would only take time
                            }
                            var own = new Own(sum, begins);
                            switch (summation) {
                                case IN_ORDER -> processes.sumInOrder(buckets, own);
                                case IN_ANY_ORDER -> processes.sum(buckets, own);
                                case IN_BF16 -> {
                                    for (int i = 0; i < buckets.size(); i++) {
                                        own.addTo(i);
                                    }
                                }
                            }
                        });
        if (summation == Summation.IN_BF16) {
            HalfPrecisionSum.of(processes, sum);
        }
    }

    /** Frees what was kept for the exchange. */
    synchronized void freeKept() {
        kept.values().forEach(ProcessSum::free);
        kept.clear();
    }

    /** The gradients of this process. */
    private final class Own implements Collective.Addends {
        private final Tensor sum;
        private final boolean begins;

        Own(Tensor sum, boolean begins) {
            this.sum = sum;
            this.begins = begins;
        }

        @Override
        public boolean isReady(int i) {
            return ProcessSum.this.isReady(i);
        }

        /** On one thread for as long as the workers need the cores. */
        @Override
        public void addTo(int i) {
            awaitReady(i);
            if (hasFailed()) {
                return;
            }
            int threads = completeFrom() > 0 ? 1 : Threads.ofThisThread();
            Threads.withThreads(
                    threads,
                    () -> {
                        layout().add(sum, i, kept.values(), begins);
                        return sum;
                    });
        }
    }

    private synchronized boolean hasFailed() {
        return failed;
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
