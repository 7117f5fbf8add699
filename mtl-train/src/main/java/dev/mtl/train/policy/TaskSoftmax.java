package dev.mtl.train.policy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** A probability for each task, the softmax of numbers that Adam learns. */
final class TaskSoftmax {
    private final SequencedMap<String, Adam> logits = new LinkedHashMap<>();

    /** Begins with the same probability for all tasks. */
    TaskSoftmax(Collection<String> tasks, double learningRate, double weightDecay) {
        tasks.forEach(task -> logits.put(task, new Adam(learningRate, weightDecay)));
    }

    /** The probability of each task. */
    SequencedMap<String, Double> probabilities() {
        double largest = logits.values().stream().mapToDouble(Adam::value).max().orElse(0);
        double sum =
                logits.values().stream()
                        .mapToDouble(logit -> Math.exp(logit.value() - largest))
                        .sum();
        var probabilities = new LinkedHashMap<String, Double>();
        logits.forEach(
                (task, logit) -> probabilities.put(task, Math.exp(logit.value() - largest) / sum));
        return probabilities;
    }

    /**
     * One update.
     *
     * @param gradient with respect to the probabilities, of the tasks that took part; the others'
     *     is zero, and their numbers stay
     */
    void step(Map<String, Double> gradient) {
        var probabilities = probabilities();
        double mean = 0;
        for (var task : gradient.entrySet()) {
            mean += probability(probabilities, task.getKey()) * task.getValue();
        }
        for (var task : gradient.entrySet()) {
            double own = probability(probabilities, task.getKey());
            Objects.requireNonNull(logits.get(task.getKey())).step(own * (task.getValue() - mean));
        }
    }

    private static double probability(Map<String, Double> probabilities, String task) {
        return Objects.requireNonNull(probabilities.get(task), task);
    }

    SequencedMap<String, Double> state() {
        var state = new LinkedHashMap<String, Double>();
        logits.forEach((task, logit) -> logit.write(task, state));
        return state;
    }

    void restore(Map<String, Double> state) {
        logits.forEach((task, logit) -> logit.restore(task, state));
    }
}
