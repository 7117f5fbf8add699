package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.train.policy.GradientBalance;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * One backward pass for each task of a micro-batch, and one sum for each task; the sums are
 * combined at the end of the step. Not with gradient checkpointing, which goes backward once.
 */
public final class TaskGradients implements BackwardStrategy {
    private final Combination combination;

    /** Makes the gradient of the objective out of those of the tasks. */
    interface Combination {
        /**
         * Combines the gradients of a step.
         *
         * @param tasks the gradients of each task, one for each parameter; not changed
         * @param losses each task's mean loss, not weighted
         * @param seed of the step
         * @return one for each parameter; the caller closes it
         */
        LocalGradientSum combine(
                SequencedMap<String, List<@Nullable Tensor>> tasks,
                Map<String, Double> losses,
                long seed);
    }

    /** Combines the gradients of the tasks in some way. */
    TaskGradients(Combination combination) {
        this.combination = combination;
    }

    /** Gradients that conflict are projected; see {@link Pcgrad}. */
    public static TaskGradients projected() {
        return new TaskGradients(
                (tasks, _, seed) -> Pcgrad.combine(List.copyOf(tasks.values()), seed));
    }

    /** Gradients are weighted by what they are; see {@link WeightedGradients}. */
    public static TaskGradients weighted(GradientBalance balance) {
        return new TaskGradients(
                (tasks, losses, _) -> WeightedGradients.combine(tasks, losses, balance));
    }

    @Override
    public boolean goesByLayers() {
        return false;
    }

    @Override
    public Backward begin(SequencedSet<String> tasks, DataParallelism parallelism, long seed) {
        var sums = new LinkedHashMap<String, GradientSum>();
        tasks.forEach(task -> sums.put(task, parallelism.newSum()));
        return new PerTask(sums, combination, seed);
    }

    private static final class PerTask implements Backward {
        private final SequencedMap<String, GradientSum> sums;
        private final Combination combination;
        private final long seed;
        private @Nullable LocalGradientSum combined;

        PerTask(SequencedMap<String, GradientSum> sums, Combination combination, long seed) {
            this.sums = sums;
            this.combination = combination;
            this.seed = seed;
        }

        @Override
        public void accumulate(MicroBatchLoss loss) {
            var replica = loss.replica();
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
        public List<@Nullable Tensor> gradients(Map<String, Double> losses) {
            if (combined == null) {
                var tasks = new LinkedHashMap<String, List<@Nullable Tensor>>();
                sums.forEach((task, sum) -> tasks.put(task, sum.gradients()));
                combined = combination.combine(tasks, losses, seed);
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
