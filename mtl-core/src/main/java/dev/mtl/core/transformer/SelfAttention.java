package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.transformer.AttentionBlock.Attention;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.FusedAttention;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Multi-head self-attention (Vaswani et al. 2017).
 *
 * @param bias added to the scores beside the mask of padding, null for none
 * @param dropout of the attention probabilities while training
 */
public record SelfAttention(int heads, @Nullable AttentionBias bias, double dropout)
        implements Attention {
    @Override
    public Tensor fused(Tensor joint, Pass pass) {
        return pass.layout() instanceof UnpaddedTokens unpadded
                ? withoutPadding(joint, unpadded, pass)
                : FusedAttention.apply(joint, pass.batch().rows(), heads, pass.mask(bias));
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

    @Override
    public Tensor byOperators(List<Tensor> parts, Pass pass) {
        var mask = pass.mask(bias);
        var query = split(parts.get(0), pass);
        var key = split(parts.get(1), pass);
        var value = split(parts.get(2), pass);
        var context = scaledDotProduct(query, key, value, mask, dropout, pass.mode());
        long width = heads * context.size(-1);
        return context.transpose(1, 2).reshape(pass.paddedTokens(), width);
    }

    /**
     * {@code dropout(softmax(q k' / sqrt(d) + mask)) v} by operators.
     *
     * @param query {@code [N, heads, Q, d]}
     * @param key {@code [N, heads, K, d]}, as {@code value}
     * @param mask broadcastable to {@code [N, heads, Q, K]}; null for none
     * @param dropout of the probabilities while training
     * @return {@code [N, heads, Q, d]}, owned by the innermost scope
     */
    public static Tensor scaledDotProduct(
            Tensor query,
            Tensor key,
            Tensor value,
            @Nullable Tensor mask,
            double dropout,
            Mode mode) {
        if (mode != Mode.TRAINING || dropout == 0) {
            return query.scaledDotProductAttention(key, value, mask);
        }
        double scale = 1 / Math.sqrt((double) query.size(-1));
        var scores = query.matmul(key.transpose(2, 3)).mul(scale);
        var probabilities = (mask == null ? scores : scores.add(mask)).softmax(-1);
        return mode.dropout(probabilities, dropout).matmul(value);
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
