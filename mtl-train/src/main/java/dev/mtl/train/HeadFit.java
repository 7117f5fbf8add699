package dev.mtl.train;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the provider of a head can fit once training is over; typed by the provider's settings. */
final class HeadFit<P extends Record> {
    private final TunableProvider<P> provider;
    private final P settings;

    private HeadFit(TunableProvider<P> provider, P settings) {
        this.provider = provider;
        this.settings = settings;
    }

    /**
     * What a head of some type and settings can fit.
     *
     * @return empty if that is nothing
     */
    static Optional<HeadFit<?>> of(HeadRegistry heads, String type, Record settings) {
        return of(heads.provider(type), settings);
    }

    private static <P extends Record> Optional<HeadFit<?>> of(
            HeadProvider<P> provider, Record settings) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var own = (P) settings;
        return provider instanceof TunableProvider<P> tunable && tunable.tunes(own)
                ? Optional.of(new HeadFit<>(tunable, own))
                : Optional.empty();
    }

    /** Whether it has parameters that are computed from the training data. */
    boolean hasWeights() {
        return provider.fitsWeights(settings);
    }

    /** Computes these parameters from predictions for the training data. */
    Map<String, float[]> weights(Task task, List<Prediction> predictions, List<Target> targets) {
        return provider.fitWeights(settings, task.labels(), predictions, targets);
    }

    /** Fits settings to predictions for the validation data. */
    Record settings(Task task, List<Prediction> predictions, List<Target> targets) {
        return provider.tune(settings, task.labels(), predictions, targets);
    }

    /** Changes parameters of a task's head in place. */
    static void write(MultiTaskModel model, Task task, Map<String, float[]> weights) {
        try (var _ = TensorScope.open()) {
            weights.forEach(
                    (name, values) -> {
                        var parameter = model.parameters().in(task.prefix()).get(name);
                        parameter.copyFrom(
                                Tensors.of(values, parameter.shape()).to(model.device()));
                    });
        }
    }
}
