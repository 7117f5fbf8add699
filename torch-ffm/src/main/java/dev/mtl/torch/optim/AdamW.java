package dev.mtl.torch.optim;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.TensorAccess;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * AdamW (Loshchilov, Hutter 2019) for parameters that share a learning rate and a weight decay: one
 * fused native call per step, the kernel of {@code torch.optim.AdamW(fused=True)}.
 *
 * <p>The moments belong to {@code owner}, a scope that the caller closes; the parameters stay the
 * caller's.
 */
public final class AdamW {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private final List<Tensor> parameters;
    private final @Nullable Moments[] moments;
    private final TensorScope owner;
    private final Settings settings;

    /**
     * Hyperparameters.
     *
     * @param beta1 decay rate of the first moment
     * @param beta2 decay rate of the second moment
     * @param eps added to the root of the second moment
     * @param weightDecay decoupled from the gradient, multiplied by the learning rate
     */
    public record Settings(double beta1, double beta2, double eps, double weightDecay) {
        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new IllegalArgumentException(
                        "beta1 " + beta1 + " and beta2 " + beta2 + " must be in [0, 1)");
            }
            if (!(eps >= 0 && weightDecay >= 0)) {
                throw new IllegalArgumentException(
                        "eps "
                                + eps
                                + " and weight decay "
                                + weightDecay
                                + " must not be negative");
            }
        }
    }

    /**
     * The optimizer state of a parameter.
     *
     * @param first FLOAT32, of the parameter's shape
     * @param second FLOAT32, of the parameter's shape
     * @param step the number of updates, FLOAT32, 0-dimensional
     */
    public record Moments(Tensor first, Tensor second, Tensor step) {}

    /**
     * Starts without moments; those of a parameter are created, as zeros, with its first gradient.
     *
     * @param parameters FLOAT32, contiguous, all on one device; updated in place by {@link #step}
     * @param owner takes the moments
     * @throws IllegalArgumentException for other parameters
     */
    public AdamW(List<Tensor> parameters, TensorScope owner, Settings settings) {
        this.parameters = List.copyOf(parameters);
        this.owner = Objects.requireNonNull(owner, "owner");
        this.settings = Objects.requireNonNull(settings, "settings");
        moments = new Moments[this.parameters.size()];
        for (var parameter : this.parameters) {
            if (parameter.dtype() != DType.FLOAT32
                    || !TENSORS.isDense(parameter)
                    || !parameter.device().equals(this.parameters.getFirst().device())) {
                throw new IllegalArgumentException(
                        "parameter "
                                + parameter
                                + ": expected contiguous FLOAT32, all on one device");
            }
        }
    }

    /** The moments of the parameter at an index; empty if it was never updated. */
    public Optional<Moments> moments(int index) {
        return Optional.ofNullable(moments[index]);
    }

    /**
     * Sets the moments of the parameter at an index to a copy of {@code from}.
     *
     * @throws IllegalArgumentException if they have other shapes than the parameter needs
     */
    public void restore(int index, Moments from) {
        var shape = parameters.get(index).shape();
        if (!Arrays.equals(from.first().shape(), shape)
                || !Arrays.equals(from.second().shape(), shape)
                || from.step().dim() != 0) {
            throw new IllegalArgumentException(
                    "moments %s, %s and %s of the parameter %s: expected its shape twice, and []"
                            .formatted(
                                    from.first(),
                                    from.second(),
                                    from.step(),
                                    parameters.get(index)));
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var state = getOrCreate(index);
            state.first().copyFrom(from.first());
            state.second().copyFrom(from.second());
            state.step().copyFrom(from.step());
        }
    }

    /** The kernel checks nothing: it would read and write beyond the memory of its arguments. */
    private static void requireFits(Tensor gradient, Tensor parameter) {
        if (!TENSORS.isAlike(gradient, parameter) || !TENSORS.isDense(gradient)) {
            throw new IllegalArgumentException(
                    "gradient %s of the parameter %s: expected its shape, dtype and device, and contiguous memory"
                            .formatted(gradient, parameter));
        }
    }

    private Moments getOrCreate(int index) {
        var state = moments[index];
        if (state == null) {
            var parameter = parameters.get(index);
            state =
                    new Moments(
                            owner.take(parameter.zerosLike()),
                            owner.take(parameter.zerosLike()),
                            owner.take(Tensors.zeros(DType.FLOAT32, parameter.device())));
            moments[index] = state;
        }
        return state;
    }

    /**
     * One update.
     *
     * @param gradients in the order of the parameters, each FLOAT32, contiguous, of the shape and
     *     on the device of its parameter; null leaves a parameter and its state unchanged
     * @throws IllegalArgumentException for other gradients; nothing is updated then
     */
    public void step(List<@Nullable Tensor> gradients, double learningRate) {
        if (gradients.size() != parameters.size()) {
            throw new IllegalArgumentException(
                    gradients.size() + " gradients for " + parameters.size() + " parameters");
        }
        for (int i = 0; i < gradients.size(); i++) {
            var gradient = gradients.get(i);
            if (gradient != null) {
                requireFits(gradient, parameters.get(i));
            }
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var updated = new ArrayList<Tensor>();
            var present = new ArrayList<Tensor>();
            var states = new ArrayList<Moments>();
            for (int i = 0; i < gradients.size(); i++) {
                var gradient = gradients.get(i);
                if (gradient != null) {
                    updated.add(parameters.get(i));
                    present.add(gradient);
                    states.add(getOrCreate(i));
                }
            }
            if (updated.isEmpty()) {
                return;
            }
            var steps = states.stream().map(Moments::step).toList();
            // The kernel expects the incremented step, as torch.optim's _fused_adamw passes it.
            Gradients.incrementInPlace(steps);
            TENSORS.run(
                    Aten.FUSED_ADAMW_,
                    updated,
                    present,
                    states.stream().map(Moments::first).toList(),
                    states.stream().map(Moments::second).toList(),
                    List.of(),
                    steps,
                    learningRate,
                    settings.beta1,
                    settings.beta2,
                    settings.weightDecay,
                    settings.eps,
                    false,
                    false);
        }
    }
}
