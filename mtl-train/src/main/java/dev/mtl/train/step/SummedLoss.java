package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** One backward pass for each micro-batch, from the weighted sum of its tasks' losses. */
public final class SummedLoss implements BackwardStrategy {
    @Override
    public boolean goesByLayers() {
        return true;
    }

    @Override
    public Backward begin(SequencedSet<String> tasks, DataParallelism parallelism, long seed) {
        var sum = parallelism.newSum();
        return new Backward() {
            @Override
            public void accumulate(MicroBatchLoss loss) {
                var replica = loss.replica();
                loss.terms().values().stream().reduce(Tensor::add).ifPresent(Autograd::backward);
                if (!loss.terms().isEmpty()) {
                    loss.backward().accept(layer -> sum.addFrom(layer, replica));
                }
                sum.add(replica.microBatch(), replica.takeGradients());
            }

            @Override
            public void abandon(int microBatch) {
                sum.abandon(microBatch);
            }

            @Override
            public List<@Nullable Tensor> gradients(Map<String, Double> losses) {
                return sum.gradients();
            }

            @Override
            public void close() {
                sum.close();
            }
        };
    }
}
