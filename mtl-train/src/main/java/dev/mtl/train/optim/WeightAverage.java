package dev.mtl.train.optim;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.Gradients;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * An average of a model's weights: the exponential moving average over the steps, {@code average =
 * decay * average + (1 - decay) * weights}, which begins with the weights after the first step, as
 * {@code torch.optim.swa_utils.AveragedModel} computes it, or the {@link #mean} of some. It takes
 * the memory of the weights once more.
 */
public final class WeightAverage implements AutoCloseable {
    private final TensorScope owner = TensorScope.shared();
    private final Parameters weights;
    private final double decay;
    private final SequencedMap<String, Tensor> averages = new LinkedHashMap<>();

    /**
     * Begins without an average.
     *
     * @param weights of the model
     * @param decay above 0, below 1
     */
    public WeightAverage(Parameters weights, double decay) {
        this.weights = weights;
        this.decay = decay;
    }

    /**
     * The mean of the weights as they are and of others.
     *
     * @param others read a weight by its name, in main memory, into the innermost scope
     */
    public static WeightAverage mean(
            Parameters weights, List<? extends Function<String, Tensor>> others) {
        var mean = new WeightAverage(weights, 0);
        mean.begin(Map.of());
        mean.averages.forEach(
                (name, average) -> {
                    for (var other : others) {
                        try (var _ = TensorScope.open()) {
                            Gradients.addInPlace(
                                    List.of(average),
                                    List.of(other.apply(name).to(average.device())),
                                    1);
                        }
                    }
                    Gradients.scaleInPlace(List.of(average), 1.0 / (others.size() + 1));
                });
        return mean;
    }

    /** Adds the weights as they are after a step. */
    public void update() {
        if (averages.isEmpty()) {
            begin(Map.of());
            return;
        }
        var own = List.copyOf(averages.values());
        Gradients.scaleInPlace(own, decay);
        Gradients.addInPlace(own, weights.tensors(), 1 - decay);
    }

    private void begin(Map<String, Tensor> from) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (var name : weights.names()) {
                var weight = weights.get(name);
                var copy = owner.take(weight.copy());
                if (!from.isEmpty()) {
                    copy.copyFrom(Objects.requireNonNull(from.get(name), name));
                }
                averages.put(name, copy);
            }
        }
    }

    /** Runs something while the model has the average for its weights. */
    public void use(Runnable action) {
        swap();
        try {
            action.run();
        } finally {
            swap();
        }
    }

    private void swap() {
        averages.forEach(
                (name, average) -> {
                    try (var _ = TensorScope.open();
                            var _ = Autograd.noGrad()) {
                        var weight = weights.get(name);
                        var kept = weight.copy();
                        weight.copyFrom(average);
                        average.copyFrom(kept);
                    }
                });
    }

    /** The average by parameter; empty before the first step. */
    public SequencedMap<String, Tensor> state() {
        return Collections.unmodifiableSequencedMap(averages);
    }

    /** Continues from a {@link #state}, which is copied. */
    public void restore(Map<String, Tensor> state) {
        if (!state.isEmpty()) {
            begin(state);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
