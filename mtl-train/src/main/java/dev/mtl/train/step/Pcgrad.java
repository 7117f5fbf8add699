package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.sampling.FisherYates;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Projecting conflicting gradients (Yu et al. 2020, arXiv 2001.06782, algorithm 1): where the
 * gradients of two tasks have a negative inner product, each is projected onto the normal plane of
 * the other. The order of the other tasks is drawn for each task and step; the projected gradients
 * are summed. The inner product is over the parameters that both tasks reach, those of the encoder.
 */
final class Pcgrad {
    private Pcgrad() {}

    /**
     * Combines the gradients of several tasks.
     *
     * @param tasks the gradients of each task, one for each parameter; not changed
     * @param seed of the orders that are drawn
     * @return the sum of the projected gradients; the caller closes it
     */
    static LocalGradientSum combine(List<List<@Nullable Tensor>> tasks, long seed) {
        var sum = new LocalGradientSum(tasks.getFirst().size(), true);
        // on one thread: the bits of a sum depend on the number of threads
        return Threads.withThreads(1, () -> combineOnOneThread(tasks, sum, seed));
    }

    private static LocalGradientSum combineOnOneThread(
            List<List<@Nullable Tensor>> tasks, LocalGradientSum sum, long seed) {
        var random = new SplittableRandom(seed);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int task = 0; task < tasks.size(); task++) {
                var projected = copy(tasks.get(task));
                var others = IntStream.range(0, tasks.size()).toArray();
                FisherYates.shuffle(others, random);
                for (int other : others) {
                    if (other != task) {
                        project(projected, tasks.get(other));
                    }
                }
                sum.add(task, projected);
            }
        }
        return sum;
    }

    private static List<@Nullable Tensor> copy(List<@Nullable Tensor> gradients) {
        var copies = new ArrayList<@Nullable Tensor>();
        gradients.forEach(gradient -> copies.add(gradient == null ? null : gradient.copy()));
        return copies;
    }

    /** Subtracts from a gradient, in place, its part along another one that it conflicts with. */
    private static void project(List<@Nullable Tensor> gradient, List<@Nullable Tensor> other) {
        var left = new ArrayList<Tensor>();
        var right = new ArrayList<Tensor>();
        for (int i = 0; i < gradient.size(); i++) {
            var a = gradient.get(i);
            var b = other.get(i);
            if (a != null && b != null) {
                left.add(a);
                right.add(b);
            }
        }
        double product = 0;
        for (int i = 0; i < left.size(); i++) {
            product += left.get(i).mul(right.get(i)).sum().item();
        }
        if (product < 0) {
            double norm = Gradients.globalNorm(right);
            Gradients.addInPlace(left, right, -product / (norm * norm));
        }
    }
}
