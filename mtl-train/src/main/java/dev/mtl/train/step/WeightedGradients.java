package dev.mtl.train.step;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.policy.GradientBalance;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The sum of the tasks' gradients with weights that follow from their inner products over the
 * parameters that tasks share, those that several of them have a gradient of.
 */
final class WeightedGradients {
    private WeightedGradients() {}

    /** See {@link TaskGradients.Combination#combine}. */
    static LocalGradientSum combine(
            SequencedMap<String, List<@Nullable Tensor>> tasks,
            Map<String, Double> losses,
            GradientBalance balance) {
        var names = List.copyOf(tasks.keySet());
        var gradients = List.copyOf(tasks.values());
        var sum = new LocalGradientSum(gradients.getFirst().size(), true);
        // on one thread: the bits of a sum depend on the number of threads
        return Threads.withThreads(
                1,
                () -> {
                    try (var _ = TensorScope.open();
                            var _ = Autograd.noGrad()) {
                        var shared = shared(gradients);
                        var weights =
                                balance.gradientWeights(names, products(gradients, shared), losses);
                        for (int task = 0; task < names.size(); task++) {
                            sum.add(
                                    task,
                                    scaled(
                                            gradients.get(task),
                                            shared,
                                            weights.shared()[task],
                                            weights.own()[task]));
                        }
                        return sum;
                    }
                });
    }

    /** Which parameters several tasks have a gradient of. */
    private static boolean[] shared(List<List<@Nullable Tensor>> tasks) {
        var shared = new boolean[tasks.getFirst().size()];
        for (int i = 0; i < shared.length; i++) {
            int count = 0;
            for (var gradients : tasks) {
                count += gradients.get(i) == null ? 0 : 1;
            }
            shared[i] = count > 1 || tasks.size() == 1;
        }
        return shared;
    }

    /** Inner products of the gradients of each two tasks over the parameters that are shared. */
    private static double[][] products(List<List<@Nullable Tensor>> tasks, boolean[] shared) {
        var products = new double[tasks.size()][tasks.size()];
        for (int a = 0; a < products.length; a++) {
            for (int b = 0; b <= a; b++) {
                double product = 0;
                for (int i = 0; i < shared.length; i++) {
                    var left = tasks.get(a).get(i);
                    var right = tasks.get(b).get(i);
                    if (shared[i] && left != null && right != null) {
                        product += left.mul(right).sum().item();
                    }
                }
                products[a][b] = product;
                products[b][a] = product;
            }
        }
        return products;
    }

    private static List<@Nullable Tensor> scaled(
            List<@Nullable Tensor> gradients, boolean[] shared, double weight, double own) {
        var all = new ArrayList<@Nullable Tensor>();
        var ofShared = new ArrayList<Tensor>();
        var ofTask = new ArrayList<Tensor>();
        for (int i = 0; i < shared.length; i++) {
            var gradient = gradients.get(i);
            var copy = gradient == null ? null : gradient.copy();
            all.add(copy);
            if (copy != null) {
                (shared[i] ? ofShared : ofTask).add(copy);
            }
        }
        Gradients.scaleInPlace(ofShared, weight);
        Gradients.scaleInPlace(ofTask, own);
        return all;
    }
}
