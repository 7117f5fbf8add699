package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A sum over the micro-batches that the threads of one process compute. */
final class LocalGradientSum implements GradientSum {
    private final TensorScope owner = TensorScope.shared();
    private final @Nullable Tensor[] sums;
    private final boolean inOrder;
    private @Nullable WordRows words;
    private int next;
    private int failed = Integer.MAX_VALUE;

    /**
     * An empty sum.
     *
     * @param parameters how many parameters the model has
     * @param inOrder whether micro-batches are added in their order, or as they are ready
     */
    public LocalGradientSum(int parameters, boolean inOrder) {
        sums = new Tensor[parameters];
        this.inOrder = inOrder;
    }

    /**
     * Says which rows of the word embeddings have gradients; called before any is added.
     *
     * @param rows null for all of them
     */
    synchronized void begin(@Nullable WordRows rows) {
        words = rows;
    }

    /** The first gradient of each parameter moves into the sum, the others are added to it. */
    @Override
    public synchronized void add(int microBatch, List<@Nullable Tensor> gradients) {
        awaitTurn(microBatch);
        var rows = words;
        var present = new ArrayList<Tensor>();
        var added = new ArrayList<Tensor>();
        for (int i = 0; i < sums.length; i++) {
            var gradient = gradients.get(i);
            var sum = sums[i];
            if (gradient != null && sum == null) {
                sums[i] = owner.take(gradient);
            } else if (gradient != null && sum != null && rows != null && rows.parameter() == i) {
                addRows(rows, sum, gradient);
            } else if (gradient != null && sum != null) {
                present.add(sum);
                added.add(gradient);
            }
        }
        Gradients.addInPlace(present, added, 1);
        next++;
        notifyAll();
    }

    private static void addRows(WordRows rows, Tensor sum, Tensor gradient) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            rows.addInPlace(sum, gradient);
        }
    }

    private void awaitTurn(int microBatch) {
        while (inOrder && next != microBatch) {
            if (failed < microBatch) {
                throw new IllegalStateException("another micro-batch of this step failed");
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while gradients were summed", e);
            }
        }
    }

    @Override
    public synchronized void abandon(int microBatch) {
        failed = Math.min(failed, microBatch);
        notifyAll();
    }

    @Override
    public List<@Nullable Tensor> gradients() {
        return Arrays.asList(sums);
    }

    @Override
    public void close() {
        owner.close();
    }
}
