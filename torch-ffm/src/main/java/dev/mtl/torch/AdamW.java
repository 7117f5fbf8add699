package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * AdamW (Loshchilov, Hutter 2019) for parameters that share a learning rate and a weight decay: one
 * fused native call a step, the same kernel as {@code torch.optim.AdamW(fused=True)}.
 *
 * <p>The moments belong to {@code owner}, a scope that the caller closes; parameters stay the
 * caller's.
 */
public final class AdamW {
    private final List<Tensor> parameters;
    private final @Nullable Moments[] moments;
    private final TensorScope owner;
    private final Settings settings;

    /**
     * What does not change from step to step.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param eps what is added to the root of the second moment
     * @param weightDecay decoupled from the gradient, times the learning rate
     */
    public record Settings(double beta1, double beta2, double eps, double weightDecay) {}

    /**
     * What AdamW remembers of a parameter.
     *
     * @param first of the parameter's shape
     * @param second of the parameter's shape
     * @param step how many updates it had, no dimensions
     */
    public record Moments(Tensor first, Tensor second, Tensor step) {}

    /**
     * Begins without moments: a parameter has them, from zero, from its first gradient on.
     *
     * @param parameters FLOAT32, changed in place by {@link #step}
     * @param owner takes the moments
     */
    public AdamW(List<Tensor> parameters, TensorScope owner, Settings settings) {
        this.parameters = List.copyOf(parameters);
        this.owner = owner;
        this.settings = settings;
        moments = new Moments[parameters.size()];
    }

    /** The moments of a parameter by its position; empty if it never moved. */
    public Optional<Moments> moments(int index) {
        return Optional.ofNullable(moments[index]);
    }

    /** Goes on from a parameter's moments, which are copied. */
    public void restore(int index, Moments from) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var own = existing(index);
            own.first().copyFrom(from.first());
            own.second().copyFrom(from.second());
            own.step().copyFrom(from.step());
        }
    }

    private Moments existing(int index) {
        var own = moments[index];
        if (own == null) {
            var parameter = parameters.get(index);
            own =
                    new Moments(
                            owner.take(parameter.zerosLike()),
                            owner.take(parameter.zerosLike()),
                            owner.take(Tensors.zeros(DType.FLOAT32, parameter.device())));
            moments[index] = own;
        }
        return own;
    }

    /**
     * One update.
     *
     * @param gradients of the parameters, in their order; null leaves a parameter, its moments and
     *     its count of steps as they are
     */
    public void step(List<@Nullable Tensor> gradients, double learningRate) {
        if (gradients.size() != parameters.size()) {
            throw new IllegalArgumentException(
                    gradients.size() + " gradients for " + parameters.size() + " parameters");
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var moved = new ArrayList<Tensor>();
            var present = new ArrayList<Tensor>();
            var states = new ArrayList<Moments>();
            for (int i = 0; i < gradients.size(); i++) {
                var gradient = gradients.get(i);
                if (gradient != null) {
                    moved.add(parameters.get(i));
                    present.add(gradient);
                    states.add(existing(i));
                }
            }
            if (moved.isEmpty()) {
                return;
            }
            var steps = states.stream().map(Moments::step).toList();
            // The kernel reads the step after counting it, as torch.optim's _fused_adamw does.
            Gradients.addOneInPlace(steps);
            Aten.FUSED_ADAMW_.run(
                    moved,
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
