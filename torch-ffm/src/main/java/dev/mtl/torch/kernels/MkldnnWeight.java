package dev.mtl.torch.kernels;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.processor.Tuning;

/**
 * The weight of a linear layer for the inference kernels of {@link MkldnnLinear}. The memory of a
 * packed weight is not what its dtype and shape say, so its tensor is never given out: general
 * operators would read beyond it.
 */
public final class MkldnnWeight {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    /** The number of rows for which oneDNN chooses the layout. */
    private static final long LAYOUT_ROWS = Tuning.current().packingRows();

    /** Above, that layout makes batches slower. */
    private static final long MAX_INPUTS_FOR_SMALL_BATCH_LAYOUT =
            Tuning.current().packingMaxInputs();

    private final Tensor tensor;
    private final long outputs;
    private final long inputs;

    private MkldnnWeight(Tensor tensor, Tensor weight) {
        this.tensor = tensor;
        this.outputs = weight.size(0);
        this.inputs = weight.size(1);
    }

    /**
     * A weight in its usual layout, which the kernels reorder in every call. In-place changes of
     * the tensor take effect.
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU, contiguous; stays the caller's
     */
    public static MkldnnWeight plain(Tensor weight) {
        requireMatrix(weight);
        return new MkldnnWeight(weight, weight);
    }

    /**
     * A copy of a weight in the kernels' blocked layout, which saves them the reordering.
     *
     * <p>oneDNN chooses the layout for a number of rows, which is not known in advance. The layout
     * for 64 rows is 6 to 20 % faster than the default for a few rows, and equal or up to 3 %
     * slower for hundreds (docs/experiments/single-text-latency.md).
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU, contiguous
     * @param owner takes the copy
     */
    public static MkldnnWeight pack(Tensor weight, TensorScope owner) {
        MkldnnLinear.requireNoGraph();
        requireMatrix(weight);
        Long rows = weight.size(1) <= MAX_INPUTS_FOR_SMALL_BATCH_LAYOUT ? LAYOUT_ROWS : null;
        var packed = TENSORS.call(Aten.MKLDNN_REORDER_LINEAR_WEIGHT, weight, rows);
        return new MkldnnWeight(owner.take(packed), weight);
    }

    private static void requireMatrix(Tensor weight) {
        if (!MkldnnLinear.isFloatOnCpu(weight)
                || weight.dim() != 2
                || weight.numel() == 0
                || !TENSORS.isDense(weight)) {
            throw new IllegalArgumentException(
                    "linear weight %s: expected contiguous [out, in], FLOAT32 on the CPU"
                            .formatted(weight));
        }
    }

    /** In plain or packed layout: for the kernels only. */
    Tensor tensor() {
        return tensor;
    }

    /** The number of outputs of the layer. */
    public long outputs() {
        return outputs;
    }

    /** The number of inputs of the layer. */
    public long inputs() {
        return inputs;
    }

    /** {@code float32[80, 48] cpu}. */
    @Override
    public String toString() {
        return tensor.toString();
    }
}
