package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov, Hutter 2019) for parameters that share a learning rate and a weight decay: one
 * fused native call a step, the same kernel as {@code torch.optim.AdamW(fused=True)}.
 *
 * <p>The moments belong to {@code owner}, a scope that the caller closes; parameters stay the
 * caller's.
 */
public final class AdamW {
    private final List<State> states = new ArrayList<>();
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

    private record State(Tensor parameter, Tensor firstMoment, Tensor secondMoment, Tensor step) {}

    /**
     * Begins with moments of zero.
     *
     * @param parameters FLOAT32, changed in place by {@link #step}
     * @param owner takes the moments
     */
    public AdamW(List<Tensor> parameters, TensorScope owner, Settings settings) {
        this.settings = settings;
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (var parameter : parameters) {
                states.add(
                        new State(
                                parameter,
                                owner.take(parameter.zerosLike()),
                                owner.take(parameter.zerosLike()),
                                owner.take(Tensors.zeros(DType.FLOAT32, parameter.device()))));
            }
        }
    }

    /**
     * One update.
     *
     * @param gradients of the parameters, in their order; null leaves a parameter, its moments and
     *     its count of steps as they are
     */
    public void step(List<@Nullable Tensor> gradients, double learningRate) {
        if (gradients.size() != states.size()) {
            throw new IllegalArgumentException(
                    gradients.size() + " gradients for " + states.size() + " parameters");
        }
        var moved = new ArrayList<State>();
        var present = new ArrayList<Tensor>();
        for (int i = 0; i < gradients.size(); i++) {
            var gradient = gradients.get(i);
            if (gradient != null) {
                moved.add(states.get(i));
                present.add(gradient);
            }
        }
        if (moved.isEmpty()) {
            return;
        }
        try (var _ = Autograd.noGrad()) {
            var steps = moved.stream().map(State::step).toList();
            // The kernel reads the step after counting it, as torch.optim's _fused_adamw does.
            Gradients.addOneInPlace(steps);
            Aten.FUSED_ADAMW_.run(
                    moved.stream().map(State::parameter).toList(),
                    present,
                    moved.stream().map(State::firstMoment).toList(),
                    moved.stream().map(State::secondMoment).toList(),
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
