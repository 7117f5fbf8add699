package dev.mtl.heads;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/**
 * The focal loss: items that are nearly right count less (Lin et al. 2017, arXiv 1708.02002). An
 * item with the cross-entropy {@code -log p} has the loss {@code (1 - p)^gamma * -log p}.
 */
public final class Focal {
    private Focal() {}

    /**
     * Rejects exponents that have no finite gradient where p is 1.
     *
     * @param labelSmoothing of the same head; what it says of probabilities has no p
     */
    public static void check(double gamma, double labelSmoothing) {
        if (!(gamma == 0 || gamma >= 1) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException(
                    "focal_gamma is "
                            + gamma
                            + ", it must be 0, for none, or at least 1: between them the gradient"
                            + " of an item that is right has no bound");
        }
        if (gamma > 0 && labelSmoothing > 0) {
            throw new IllegalArgumentException(
                    "focal_gamma weighs items by the probability of their one label, which"
                            + " label_smoothing spreads over all; leave one of them out");
        }
    }

    /**
     * The focal losses of items.
     *
     * @param losses cross-entropies, one for each item
     * @param gamma 0 gives the losses as they are
     * @return of the same shape
     */
    public static Tensor of(Tensor losses, double gamma) {
        if (gamma == 0) {
            return losses;
        }
        var wrong = losses.neg().exp().neg().add(1);
        return wrong.pow(Tensors.scalar((float) gamma).to(losses.device())).mul(losses);
    }
}
