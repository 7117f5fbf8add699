package dev.mtl.core.disentangled;

import dev.mtl.core.transformer.AttentionBlock.Attention;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.TokenLayout;
import dev.mtl.core.transformer.TokenLayout.Run;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.FusedAttention;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Multi-head self-attention whose scores are of contents and of distances (He et al. 2021, arXiv
 * 2006.03654).
 *
 * @param positions null if distances do not matter
 * @param scale by which products of queries and keys are multiplied
 * @param dropout of the attention probabilities while training
 */
public record DisentangledAttention(
        int heads, @Nullable DistanceScores positions, double scale, double dropout)
        implements Attention {
    @Override
    public Tensor fused(Tensor joint, Pass pass) {
        try (var scope = TensorScope.open()) {
            long tokens = joint.size(0);
            var parts =
                    joint.view(tokens, 3L * heads, joint.size(1) / (3L * heads)).transpose(0, 1);
            var products =
                    positions == null
                            ? null
                            : positions.products(
                                    parts.slice(0, 0, heads),
                                    parts.slice(0, heads, 2L * heads),
                                    pass);
            if (pass.layout() instanceof TokenLayout.Padded) {
                return scope.moveOut(padded(joint, products, pass));
            }
            var contexts = new ArrayList<Tensor>();
            for (var run : pass.layout().runs()) {
                var rows = joint.slice(0, run.first(), (long) run.first() + run.rows());
                var bias = products == null ? null : products.bias(run);
                contexts.add(FusedAttention.apply(rows, run.sequences(), heads, bias, scale));
            }
            return scope.moveOut(Tensors.cat(contexts, 0));
        }
    }

    private Tensor padded(Tensor joint, DistanceScores.@Nullable Products products, Pass pass) {
        var mask = pass.mask(null);
        var bias = products == null ? null : products.bias(all(pass));
        var both = bias == null || mask == null ? (bias == null ? mask : bias) : bias.add(mask);
        return FusedAttention.apply(joint, pass.batch().rows(), heads, both, scale);
    }

    /** The batch as sequences of one length, padding included. */
    private static Run all(Pass pass) {
        return new Run(pass.batch().rows(), pass.batch().length(), 0, 0);
    }

    @Override
    public Tensor byOperators(List<Tensor> parts, Pass pass) {
        var query = split(parts.get(0), pass);
        var key = split(parts.get(1), pass);
        var value = bySequence(split(parts.get(2), pass), pass);
        var scores =
                bySequence(query, pass).matmul(bySequence(key, pass).transpose(2, 3)).mul(scale);
        var bias = positions == null ? null : positions.products(query, key, pass).bias(all(pass));
        var mask = pass.mask(null);
        var biased = bias == null ? scores : scores.add(bias);
        var probabilities = (mask == null ? biased : biased.add(mask)).softmax(-1);
        var context = pass.mode().dropout(probabilities, dropout).matmul(value);
        long width = heads * context.size(-1);
        return context.transpose(1, 2).reshape(pass.paddedTokens(), width);
    }

    /** {@code [T, H]} to {@code [heads, B * S, d]}. */
    private Tensor split(Tensor tokens, Pass pass) {
        return pass.layout()
                .pad(tokens)
                .view(pass.paddedTokens(), heads, tokens.size(1) / heads)
                .transpose(0, 1);
    }

    /** {@code [heads, B * S, d]} to {@code [B, heads, S, d]}. */
    private static Tensor bySequence(Tensor split, Pass pass) {
        return split.view(split.size(0), pass.batch().rows(), pass.batch().length(), split.size(2))
                .transpose(0, 1);
    }
}
