package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.FusedAttention;

import org.jspecify.annotations.Nullable;

/**
 * Multi-head self-attention and its output projection (Vaswani et al. 2017).
 *
 * @param bias added to the scores beside the mask of padding, null for none
 * @param dropout of the attention probabilities while training
 * @param outputDropout of the projected output while training
 */
public record SelfAttention(
        QueryKeyValue projections,
        int heads,
        @Nullable AttentionBias bias,
        double dropout,
        Linear output,
        double outputDropout)
        implements Sublayer {
    @Override
    public Tensor addTo(Tensor residual, Tensor input, Pass pass) {
        try (var context = context(input, pass)) {
            return output.addTo(residual, context, outputDropout, pass.mode());
        }
    }

    /** {@code softmax(q k' / sqrt(d) + bias) v}, all heads side by side: {@code [T, H]}. */
    private Tensor context(Tensor input, Pass pass) {
        return projections instanceof QueryKeyValue.Joint joint
                ? fused(joint, input, pass)
                : byOperators(input, pass);
    }

    private Tensor fused(QueryKeyValue.Joint projection, Tensor input, Pass pass) {
        try (var joint = projection.joint(input)) {
            return pass.layout() instanceof UnpaddedTokens unpadded
                    ? withoutPadding(joint, unpadded, pass)
                    : FusedAttention.apply(joint, pass.batch().rows(), heads, pass.mask(bias));
        }
    }

    /** Sequences of one length at a time: nothing is padded, and nothing masked. */
    private Tensor withoutPadding(Tensor joint, UnpaddedTokens unpadded, Pass pass) {
        var unmasked = bias == null ? null : pass.unmasked(bias);
        try (var scope = TensorScope.open()) {
            var contexts =
                    unpadded.equalLengths().stream()
                            .map(equal -> context(joint, equal, unmasked))
                            .toList();
            return scope.moveOut(Tensors.cat(contexts, 0));
        }
    }

    private Tensor context(Tensor joint, UnpaddedTokens.EqualLengths equal, @Nullable Tensor bias) {
        return FusedAttention.apply(
                equal.tokens(joint),
                equal.sequences(),
                heads,
                bias == null ? null : equal.scores(bias));
    }

    /** With a graph, with dropout, or without the fused kernel. */
    private Tensor byOperators(Tensor input, Pass pass) {
        try (var scope = TensorScope.open()) {
            var mask = pass.mask(bias);
            var parts = projections.separate(input);
            var query = split(parts.get(0), pass);
            var key = split(parts.get(1), pass);
            var value = split(parts.get(2), pass);
            Tensor context;
            if (pass.mode() == Mode.TRAINING && dropout > 0) {
                double scale = 1 / Math.sqrt((double) query.size(-1));
                var scores = query.matmul(key.transpose(2, 3)).mul(scale);
                var probabilities = (mask == null ? scores : scores.add(mask)).softmax(-1);
                context = pass.mode().dropout(probabilities, dropout).matmul(value);
            } else {
                context = query.scaledDotProductAttention(key, value, mask);
            }
            long width = heads * context.size(-1);
            var joined = context.transpose(1, 2).reshape(pass.paddedTokens(), width);
            return scope.moveOut(pass.layout().pack(joined));
        }
    }

    /** {@code [T, H]} to {@code [B, heads, S, d]}. */
    private Tensor split(Tensor tokens, Pass pass) {
        long width = tokens.size(1) / heads;
        return pass.layout()
                .pad(tokens)
                .view(pass.batch().rows(), pass.batch().length(), heads, width)
                .transpose(1, 2);
    }
}
