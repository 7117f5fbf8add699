package dev.mtl.train.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * GradNorm: gradients of the same size, larger for tasks that learn slowly (Chen et al. 2018, arXiv
 * 1711.02257). Of K tasks, task i has the weight w_i, whose sum is K. With {@code G_i = w_i |g_i|},
 * g_i the gradient of its loss over the shared parameters, and {@code r_i} its loss relative to its
 * first one, divided by the mean of these, the weights learn to minimize {@code sum |G_i - mean(G)
 * r_i^alpha|}, the mean taken as constant. They are K times a softmax of numbers that Adam updates,
 * which keeps them above zero and their sum K, where the paper divides by the sum.
 */
public final class GradNorm extends LearnedBalance {
    private final double alpha;
    private final SequencedMap<String, Double> firstLosses = new LinkedHashMap<>();
    private Map<String, Double> norms = Map.of();

    /**
     * Begins with equal weights.
     *
     * @param factors {@code loss_weight} of each task, by which its loss is multiplied
     * @param alpha how strongly tasks are pulled to the same rate of learning; 1.5 in the paper
     * @param learningRate of the weights
     */
    public GradNorm(SequencedMap<String, Double> factors, double alpha, double learningRate) {
        super(factors, learningRate, 0);
        this.alpha = alpha;
    }

    @Override
    public GradientWeights gradientWeights(
            List<String> tasks, double[][] products, Map<String, Double> losses) {
        var probabilities = softmax().probabilities();
        var weights = new double[tasks.size()];
        var seen = new LinkedHashMap<String, Double>();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = count() * value(probabilities, tasks.get(i));
            seen.put(tasks.get(i), Math.sqrt(products[i][i]));
        }
        norms = seen;
        return new GradientWeights(weights, weights);
    }

    @Override
    public void afterStep(Map<String, Double> losses) {
        losses.forEach(firstLosses::putIfAbsent);
        var tasks = losses.keySet().stream().filter(norms::containsKey).toList();
        var probabilities = softmax().probabilities();
        var rates = new double[tasks.size()];
        var sizes = new double[tasks.size()];
        for (int i = 0; i < rates.length; i++) {
            var task = tasks.get(i);
            rates[i] = value(losses, task) / value(firstLosses, task);
            sizes[i] = count() * value(probabilities, task) * value(norms, task);
        }
        double meanRate = Arrays.stream(rates).average().orElse(1);
        double meanSize = Arrays.stream(sizes).average().orElse(0);
        var gradient = new LinkedHashMap<String, Double>();
        for (int i = 0; i < rates.length; i++) {
            double wanted = meanSize * Math.pow(rates[i] / meanRate, alpha);
            gradient.put(
                    tasks.get(i),
                    Math.signum(sizes[i] - wanted) * value(norms, tasks.get(i)) * count());
        }
        softmax().step(gradient);
        norms = Map.of();
    }

    @Override
    public SequencedMap<String, Double> state() {
        var state = super.state();
        firstLosses.forEach((task, loss) -> state.put(task + ".first_loss", loss));
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        super.restore(state);
        for (var task : weights().keySet()) {
            var loss = state.get(task + ".first_loss");
            if (loss != null) {
                firstLosses.put(task, loss);
            }
        }
    }
}
