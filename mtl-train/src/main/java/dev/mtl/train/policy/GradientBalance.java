package dev.mtl.train.policy;

import java.util.List;
import java.util.Map;

/**
 * Task weights that follow from the gradients of the tasks, which are computed one by one for it.
 * What {@link #gradientWeights} finds out changes the state once the step is applied, in {@link
 * #afterStep}.
 */
public interface GradientBalance extends LossBalance {
    /**
     * The weights of the tasks' gradients in their sum, in the order of the tasks.
     *
     * @param shared of parameters that tasks share
     * @param own of parameters of one task, such as its head's
     */
    record GradientWeights(double[] shared, double[] own) {
        public GradientWeights {
            shared = shared.clone();
            own = own.clone();
        }

        @Override
        public double[] shared() {
            return shared.clone();
        }

        @Override
        public double[] own() {
            return own.clone();
        }
    }

    /**
     * Weights the gradients of a step, which have the factors of {@link #weights} already.
     *
     * @param tasks that take part in it
     * @param products the inner products of their gradients over shared parameters; square,
     *     symmetric, in the order of the tasks
     * @param losses each task's mean loss in the step, not weighted
     */
    GradientWeights gradientWeights(
            List<String> tasks, double[][] products, Map<String, Double> losses);
}
