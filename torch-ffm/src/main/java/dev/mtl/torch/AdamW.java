package dev.mtl.torch;

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
    private final List<Tensor> parameters;
    private final List<Tensor> firstMoments = new ArrayList<>();
    private final List<Tensor> secondMoments = new ArrayList<>();
    private final List<Tensor> steps = new ArrayList<>();
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final double weightDecay;

    /**
     * @param parameters FLOAT32 leaves, changed in place by {@link #step}
     * @param owner takes the moments
     */
    public AdamW(
            List<Tensor> parameters,
            TensorScope owner,
            double beta1,
            double beta2,
            double eps,
            double weightDecay) {
        this.parameters = List.copyOf(parameters);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.weightDecay = weightDecay;
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (var parameter : this.parameters) {
                firstMoments.add(owner.take(parameter.zerosLike()));
                secondMoments.add(owner.take(parameter.zerosLike()));
                steps.add(owner.take(Tensors.zeros(DType.FLOAT32, parameter.device())));
            }
        }
    }

    /**
     * One update.
     *
     * @param gradients of the parameters, in their order
     */
    public void step(List<Tensor> gradients, double learningRate) {
        if (gradients.size() != parameters.size()) {
            throw new IllegalArgumentException(
                    gradients.size() + " gradients for " + parameters.size() + " parameters");
        }
        if (parameters.isEmpty()) {
            return;
        }
        try (var _ = Autograd.noGrad()) {
            // The kernel reads the step after counting it, as torch.optim's _fused_adamw does.
            Gradients.addOneInPlace(steps);
            Aten.FUSED_ADAMW_.run(
                    parameters,
                    gradients,
                    firstMoments,
                    secondMoments,
                    List.of(),
                    steps,
                    learningRate,
                    beta1,
                    beta2,
                    weightDecay,
                    eps,
                    false,
                    false);
        }
    }
}
