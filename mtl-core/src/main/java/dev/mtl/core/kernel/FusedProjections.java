package dev.mtl.core.kernel;

import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.FusedAttention;

import java.util.ArrayList;
import java.util.List;

/**
 * Query, key and value side by side, as {@link FusedAttention} takes them.
 *
 * @param parts one layer with the outputs of all three, or one for each
 * @param keyWidth columns of the keys, and of the values
 */
record FusedProjections(List<FusedLinear> parts, long keyWidth) implements QueryKeyValue.Joint {
    /** Projections by fused kernels, joint if this LibTorch has attention for that. */
    static QueryKeyValue of(List<FusedLinear> parts, long keyWidth) {
        var projections = new FusedProjections(parts, keyWidth);
        return FusedAttention.isAvailable() ? projections : input -> projections.separate(input);
    }

    @Override
    public Tensor joint(Tensor input) {
        if (parts.size() == 1) {
            return parts.getFirst().apply(input);
        }
        var outputs = new ArrayList<Tensor>(parts.size());
        for (var part : parts) {
            outputs.add(part.apply(input));
        }
        var joint = Tensors.cat(outputs, 1);
        outputs.forEach(Tensor::close);
        return joint;
    }

    @Override
    public List<Tensor> separate(Tensor input) {
        if (parts.size() > 1) {
            return parts.stream().map(part -> part.apply(input)).toList();
        }
        var joint = joint(input);
        long values = joint.size(1) - keyWidth;
        long keys = values - keyWidth;
        return List.of(
                joint.slice(1, 0, keys),
                joint.slice(1, keys, values),
                joint.slice(1, values, joint.size(1)));
    }
}
