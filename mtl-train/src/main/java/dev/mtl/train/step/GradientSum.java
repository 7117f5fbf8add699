package dev.mtl.train.step;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The gradients of a step, added up over its micro-batches: in their order, whichever worker
 * finishes first, since floating-point sums depend on the order, and the same seed must give the
 * same bits with any number of workers; or, where nobody asks for that, as they come.
 */
public final class GradientSum implements AutoCloseable {
    private final TensorScope owner = TensorScope.shared();
    private final @Nullable Tensor[] sums;
    private final boolean inOrder;
    private int turn;
    private boolean abandoned;

    public GradientSum(int parameters, boolean inOrder) {
        sums = new Tensor[parameters];
        this.inOrder = inOrder;
    }

    /** An empty sum of the same kind. */
    public GradientSum another() {
        return new GradientSum(sums.length, inOrder);
    }

    /**
     * Adds the gradients of one micro-batch, after those of all before it.
     *
     * @param index of the micro-batch, from 0
     * @param gradients one for each parameter, null where there is none; those that the sum begins
     *     with move into it
     */
    public synchronized void add(int index, List<@Nullable Tensor> gradients) {
        while (inOrder && turn != index) {
            if (abandoned) {
                throw new IllegalStateException("another micro-batch of this step failed");
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while adding gradients up", e);
            }
        }
        var known = new ArrayList<Tensor>();
        var more = new ArrayList<Tensor>();
        for (int i = 0; i < sums.length; i++) {
            var gradient = gradients.get(i);
            var sum = sums[i];
            if (gradient != null && sum == null) {
                sums[i] = owner.take(gradient);
            } else if (gradient != null && sum != null) {
                known.add(sum);
                more.add(gradient);
            }
        }
        Gradients.addInPlace(known, more, 1);
        turn++;
        notifyAll();
    }

    /** Lets go of those that wait for a micro-batch that failed. */
    public synchronized void abandon() {
        abandoned = true;
        notifyAll();
    }

    /** The sums, null for a parameter without any gradient. */
    public List<@Nullable Tensor> gradients() {
        return Arrays.asList(sums);
    }

    @Override
    public void close() {
        owner.close();
    }
}
