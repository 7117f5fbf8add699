package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.sampling.DatasetSampler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Projecting conflicting gradients (Yu et al. 2020, arXiv 2001.06782, algorithm 1): where the
 * gradients of two tasks point against each other, each loses its part along the other's. The
 * others' order is drawn anew for each task and step; the projected gradients are summed. Only the
 * parameters that both tasks reach count, which are the backbone's.
 */
final class Pcgrad {
    private Pcgrad() {}

    /**
     * Combines the gradients of several tasks.
     *
     * @param tasks the gradients of each task; not changed
     * @param sum takes the sum of the projected gradients
     */
    static void combine(List<GradientSum> tasks, GradientSum sum, long seed) {
        // A sum over several threads has other bits than one over one.
        Threads.withThreads(
                1,
                () -> {
                    combineOnOneThread(tasks, sum, seed);
                    return sum;
                });
    }

    private static void combineOnOneThread(List<GradientSum> tasks, GradientSum sum, long seed) {
        var random = new SplittableRandom(seed);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int task = 0; task < tasks.size(); task++) {
                var own = copy(tasks.get(task).gradients());
                var others = IntStream.range(0, tasks.size()).toArray();
                DatasetSampler.shuffle(others, random);
                for (int other : others) {
                    if (other != task) {
                        project(own, tasks.get(other).gradients());
                    }
                }
                sum.add(task, own);
            }
        }
    }

    private static List<@Nullable Tensor> copy(List<@Nullable Tensor> gradients) {
        var copies = new ArrayList<@Nullable Tensor>();
        gradients.forEach(gradient -> copies.add(gradient == null ? null : gradient.copy()));
        return copies;
    }

    /** Takes the part along {@code other} from {@code own}, in place, if they conflict. */
    private static void project(List<@Nullable Tensor> own, List<@Nullable Tensor> other) {
        var left = new ArrayList<Tensor>();
        var right = new ArrayList<Tensor>();
        for (int i = 0; i < own.size(); i++) {
            var a = own.get(i);
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
