package dev.mtl.torch.optim;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.TensorAccess;

import java.util.Collections;
import java.util.List;

/** Operations on all gradients of a model in one native call each. */
public final class Gradients {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private Gradients() {}

    /**
     * {@code sums[i] += scale * addends[i]} for each i, in place.
     *
     * @param sums FLOAT32
     * @param addends FLOAT32, of the number, shapes and devices of {@code sums}
     * @throws IllegalArgumentException for other tensors; nothing is added then
     */
    public static void addInPlace(List<Tensor> sums, List<Tensor> addends, double scale) {
        if (sums.size() != addends.size()) {
            throw new IllegalArgumentException(
                    sums.size() + " sums, " + addends.size() + " addends");
        }
        for (int i = 0; i < sums.size(); i++) {
            var sum = sums.get(i);
            var addend = addends.get(i);
            if (sum.dtype() != DType.FLOAT32 || !TENSORS.isAlike(addend, sum)) {
                throw new IllegalArgumentException(
                        "%s cannot be added to %s: expected FLOAT32 tensors of one shape and device"
                                .formatted(addend, sum));
            }
        }
        if (sums.isEmpty()) {
            return;
        }
        try (var _ = TensorScope.open()) {
            // addcmul is the one in-place list operator without a Scalar: sum + scale * addend * 1.
            var first = sums.getFirst();
            var one = Tensors.full(first.dtype(), first.device(), 1);
            var ones = Collections.nCopies(sums.size(), one);
            var scales = Tensors.full(first.dtype(), Device.CPU, scale, sums.size());
            TENSORS.run(Aten.FOREACH_ADDCMUL_, sums, addends, ones, scales);
        }
    }

    /** Adds one to each of several 0-dimensional FLOAT32 tensors, in place. */
    static void incrementInPlace(List<Tensor> counters) {
        try (var _ = TensorScope.open()) {
            var one = Tensors.full(DType.FLOAT32, counters.getFirst().device(), 1);
            addInPlace(counters, Collections.nCopies(counters.size(), one), 1);
        }
    }

    /** {@code gradients[i] *= factor} for each i, in place. */
    public static void scaleInPlace(List<Tensor> gradients, double factor) {
        if (gradients.isEmpty()) {
            return;
        }
        try (var _ = TensorScope.open()) {
            TENSORS.run(
                    Aten.FOREACH_MUL_,
                    gradients,
                    Tensors.full(DType.FLOAT32, gradients.getFirst().device(), factor));
        }
    }

    /**
     * The Euclidean norm of all gradients, concatenated to one vector (Pascanu, Mikolov, Bengio
     * 2013).
     */
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
