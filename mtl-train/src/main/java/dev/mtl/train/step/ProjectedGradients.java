package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * One backward pass for each task of a micro-batch, and one sum for each task; the sums are
 * combined by {@link Pcgrad}. Not with gradient checkpointing, which goes backward once.
 */
public final class ProjectedGradients implements BackwardStrategy {
    @Override
    public Backward begin(SequencedSet<String> tasks, DataParallelism parallelism, long seed) {
        var sums = new LinkedHashMap<String, GradientSum>();
        tasks.forEach(task -> sums.put(task, parallelism.newSum()));
        return new PerTask(sums, seed);
    }

    private static final class PerTask implements Backward {
        private final SequencedMap<String, GradientSum> sums;
        private final long seed;
        private @Nullable LocalGradientSum combined;

        PerTask(SequencedMap<String, GradientSum> sums, long seed) {
            this.sums = sums;
            this.seed = seed;
        }

        @Override
        public void accumulate(MicroBatchLoss loss) {
            var replica = loss.encoded().replica();
            int left = loss.terms().size();
            for (var sum : sums.entrySet()) {
                var term = loss.terms().get(sum.getKey());
                if (term != null) {
                    Autograd.backward(term, List.of(), --left > 0);
                }
                sum.getValue().add(replica.microBatch(), replica.takeGradients());
            }
        }

        @Override
        public void abandon(int microBatch) {
            sums.values().forEach(sum -> sum.abandon(microBatch));
        }

        @Override
        public List<@Nullable Tensor> gradients() {
            if (combined == null) {
                combined =
                        Pcgrad.combine(
                                sums.values().stream().map(GradientSum::gradients).toList(), seed);
            }
            return combined.gradients();
        }

        @Override
        public void close() {
            sums.values().forEach(GradientSum::close);
            if (combined != null) {
                combined.close();
            }
        }
    }
}
