package dev.mtl.core.transformer;

import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.util.List;

/**
 * A self-attention block: the projections to queries, keys and values, attention, and the output
 * projection.
 *
 * @param attention what is done with queries, keys and values
 * @param outputDropout of the projected output while training
 */
public record AttentionBlock(
        QueryKeyValue projections, Attention attention, Linear output, double outputDropout)
        implements Sublayer {
    /** A kind of attention: from queries, keys and values to one vector for each token. */
    public interface Attention {
        /**
         * Uses {@link dev.mtl.torch.kernels.FusedAttention}; without a graph.
         *
         * @param joint queries, keys and values of {@link QueryKeyValue.Joint}, {@code [T, H + 2 *
         *     K]}; stays open, its values may change
         * @return all heads side by side, {@code [T, H]}, owned by the innermost scope
         */
        Tensor fused(Tensor joint, Pass pass);

        /**
         * Uses operators: with a graph, with dropout, or without the fused kernel.
         *
         * @param parts queries, keys and values of {@link QueryKeyValue#separate}, {@code [T, H]}
         *     or {@code [T, K]} each
         * @return all heads side by side, padding included, {@code [B * S, H]}, owned by the
         *     innermost scope
         */
        Tensor byOperators(List<Tensor> parts, Pass pass);
    }

    @Override
    public Tensor addTo(Tensor residual, Tensor input, Pass pass) {
        try (var context = context(input, pass)) {
            return output.addTo(residual, context, outputDropout, pass.mode());
        }
    }

    /** {@code [T, H]}, owned by the innermost scope. */
    private Tensor context(Tensor input, Pass pass) {
        if (projections instanceof QueryKeyValue.Joint projection) {
            try (var joint = projection.joint(input)) {
                return attention.fused(joint, pass);
            }
        }
        try (var scope = TensorScope.open()) {
            var padded = attention.byOperators(projections.separate(input), pass);
            return scope.moveOut(pass.layout().pack(padded));
        }
    }
}
