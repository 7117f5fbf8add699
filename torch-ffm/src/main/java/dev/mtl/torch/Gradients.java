package dev.mtl.torch;

import java.util.List;

/** Work on all gradients of a model at once. */
public final class Gradients {
    private Gradients() {}

    /**
     * {@code sums[i] += scale * addends[i]} for each i, in place.
     *
     * @param sums FLOAT32, as many as {@code addends} and of their shapes
     */
    public static void addInPlace(List<Tensor> sums, List<Tensor> addends, double scale) {
        if (sums.size() != addends.size()) {
            throw new IllegalArgumentException(
                    sums.size() + " sums, " + addends.size() + " addends");
        }
        if (sums.isEmpty()) {
            return;
        }
        try (var _ = TensorScope.open()) {
            // addcmul is the one in-place sum of lists without a Scalar: sum + scale * addend * 1.
            var first = sums.getFirst();
            var one = Tensors.full(first.dtype(), first.device(), 1);
            var ones = java.util.Collections.nCopies(sums.size(), one);
            var scales = Tensors.full(first.dtype(), Device.CPU, scale, sums.size());
            Aten.FOREACH_ADDCMUL_.run(sums, addends, ones, scales);
        }
    }

    /** Counts each of some tensors without dimensions up by one. */
    static void addOneInPlace(List<Tensor> counters) {
        try (var _ = TensorScope.open()) {
            var one = Tensors.full(DType.FLOAT32, counters.getFirst().device(), 1);
            addInPlace(counters, java.util.Collections.nCopies(counters.size(), one), 1);
        }
    }

    /** {@code gradients[i] *= factor}, in place. */
    public static void scaleInPlace(List<Tensor> gradients, double factor) {
        if (gradients.isEmpty()) {
            return;
        }
        try (var _ = TensorScope.open()) {
            Aten.FOREACH_MUL_.run(
                    gradients, Tensors.full(DType.FLOAT32, gradients.getFirst().device(), factor));
        }
    }

    /** The euclidean norm of all gradients taken as one vector (Pascanu, Mikolov, Bengio 2013). */
    public static double globalNorm(List<Tensor> gradients) {
        if (gradients.isEmpty()) {
            return 0;
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return Tensors.stack(gradients.stream().map(Tensor::norm).toList(), 0).norm().item();
        }
    }
}
