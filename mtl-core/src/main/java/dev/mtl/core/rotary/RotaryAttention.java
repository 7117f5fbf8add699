package dev.mtl.core.rotary;

import dev.mtl.core.transformer.AttentionBlock.Attention;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.SelfAttention;
import dev.mtl.core.transformer.TokenLayout;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.FusedAttention;
import dev.mtl.torch.kernels.FusedAttention.Blocks;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Multi-head self-attention with rotary positions, to all tokens or to those in a window.
 * Neighbouring heads of the queries may share keys and values (Ainslie et al. 2023, arXiv
 * 2305.13245).
 *
 * @param heads of the queries
 * @param keyHeads of keys and values, a divisor of {@code heads}
 * @param window null to attend to all tokens
 * @param dropout of the attention probabilities while training
 */
public record RotaryAttention(
        int heads, int keyHeads, RotaryPositions positions, @Nullable Window window, double dropout)
        implements Attention {
    /**
     * From this length on, what belongs to a head is copied together before attention: the kernel
     * reads the keys and values again for every 256 queries, and rows that are far apart in memory
     * cost it more than the copy.
     */
    private static final int LONG = 2048;

    /** Sequences of one length at a time: no padding is computed. */
    @Override
    public Tensor fused(Tensor projected, Pass pass) {
        try (var scope = TensorScope.open()) {
            positions.rotateInPlace(projected, heads + keyHeads, pass);
            var joint = forAllHeads(projected);
            var contexts = new ArrayList<Tensor>();
            for (var run : pass.layout().runs()) {
                var tokens = joint.slice(0, run.first(), run.first() + (long) run.rows());
                attend(tokens, run, pass, contexts);
                if (run.padding() > 0) {
                    contexts.add(
                            Tensors.zeros(
                                    DType.FLOAT32,
                                    joint.device(),
                                    run.padding(),
                                    joint.size(1) / 3));
                }
            }
            return scope.moveOut(
                    contexts.size() == 1 ? contexts.getFirst() : Tensors.cat(contexts, 0));
        }
    }

    /**
     * Repeats keys and values that heads share.
     *
     * @param joint {@code [T, H + 2 * K]}
     * @return {@code [T, 3 * H]}
     */
    private Tensor forAllHeads(Tensor joint) {
        if (keyHeads == heads) {
            return joint;
        }
        long tokens = joint.size(0);
        long width = joint.size(1) / (heads + 2L * keyHeads);
        long hidden = heads * width;
        var shared = joint.slice(1, hidden, joint.size(1)).reshape(tokens, 2L * keyHeads, width);
        return Tensors.cat(
                List.of(joint.slice(1, 0, hidden), repeat(shared, 1).reshape(tokens, 2 * hidden)),
                1);
    }

    /** Each of a dimension's heads as often as heads share it. */
    private Tensor repeat(Tensor shared, int dimension) {
        int times = heads / keyHeads;
        if (times == 1) {
            return shared;
        }
        var shape = shared.shape();
        var repeated = Arrays.copyOf(shape, shape.length + 1);
        repeated[dimension + 1] = times;
        repeated[dimension + 2] = shape[dimension + 1];
        shape[dimension] *= times;
        return shared.unsqueeze(dimension + 1).expand(repeated).reshape(shape);
    }

    private void attend(Tensor tokens, TokenLayout.Run run, Pass pass, List<Tensor> contexts) {
        int length = run.length();
        if (window == null || window.covers(length)) {
            contexts.add(toAll(tokens, run));
        } else if (!window.isBlockwise(length)) {
            var mask = window.square(window.band(pass), length);
            contexts.add(FusedAttention.apply(tokens, run.sequences(), heads, mask));
        } else {
            for (int i = 0; i < run.sequences(); i++) {
                var sequence = tokens.slice(0, (long) i * length, (i + 1L) * length);
                blockwise(sequence, length, window, window.band(pass), contexts);
            }
        }
    }

    /** Attention to all tokens of a sequence. */
    private Tensor toAll(Tensor tokens, TokenLayout.Run run) {
        int length = run.length();
        if (length < LONG) {
            return FusedAttention.apply(tokens, run.sequences(), heads, null);
        }
        long hidden = tokens.size(1) / 3;
        try (var scope = TensorScope.open()) {
            var parts =
                    tokens.view(run.sequences(), length, 3, heads, hidden / heads)
                            .permute(2, 0, 3, 1, 4)
                            .contiguous();
            var context =
                    parts.select(0, 0)
                            .scaledDotProductAttention(
                                    parts.select(0, 1), parts.select(0, 2), null);
            return scope.moveOut(context.transpose(1, 2).reshape(run.rows(), hidden));
        }
    }

    /** The first block, which has nothing before it, those between, and what is left. */
    private void blockwise(
            Tensor tokens, int length, Window window, Tensor band, List<Tensor> contexts) {
        int reach = window.reach();
        int block = window.block();
        int whole = (length - reach) / block;
        contexts.add(
                FusedAttention.applyToBlocks(
                        tokens,
                        heads,
                        new Blocks(1, 1, 0, block, 0, block + reach),
                        band.slice(2, 0, block).slice(3, reach, block + 2L * reach)));
        if (whole > 1) {
            contexts.add(
                    FusedAttention.applyToBlocks(
                            tokens,
                            heads,
                            new Blocks(
                                    whole - 1,
                                    block,
                                    block,
                                    block,
                                    block - reach,
                                    block + 2 * reach),
                            band.slice(2, 0, block)));
        }
        int done = whole * block;
        int left = length - done;
        contexts.add(
                FusedAttention.applyToBlocks(
                        tokens,
                        heads,
                        new Blocks(1, 1, done, left, done - reach, left + reach),
                        band.slice(2, 0, left).slice(3, 0, left + reach)));
    }

    @Override
    public Tensor byOperators(List<Tensor> parts, Pass pass) {
        var query = positions.rotate(split(parts.get(0), heads, pass), pass);
        var key = repeat(positions.rotate(split(parts.get(1), keyHeads, pass), pass), 2);
        var value = repeat(split(parts.get(2), keyHeads, pass), 2);
        return window != null && window.isBlockwise(pass.batch().length())
                ? inBlocks(query, key, value, window, pass)
                : inOne(query, key, value, pass);
    }

    /** {@code [B, S, heads, d]} to {@code [B * S, H]}. */
    private Tensor inOne(Tensor query, Tensor key, Tensor value, Pass pass) {
        boolean all = window == null || window.covers(pass.batch().length());
        return attend(query, key, value, pass.mask(all ? null : window), pass)
                .reshape(pass.paddedTokens(), query.size(2) * query.size(3));
    }

    private Tensor inBlocks(Tensor query, Tensor key, Tensor value, Window window, Pass pass) {
        long length = query.size(1);
        long hidden = query.size(2) * query.size(3);
        var mask = window.blockMask(pass);
        return attend(
                        byHead(window.blocks(joined(query)), query),
                        byHead(window.surroundings(joined(key)), key),
                        byHead(window.surroundings(joined(value)), value),
                        mask,
                        pass)
                .reshape(query.size(0), -1, hidden)
                .slice(1, 0, length)
                .reshape(query.size(0) * length, hidden);
    }

    private static Tensor joined(Tensor heads) {
        return heads.reshape(heads.size(0), heads.size(1), heads.size(2) * heads.size(3));
    }

    private static Tensor byHead(Tensor blocks, Tensor like) {
        return blocks.view(blocks.size(0), blocks.size(1), like.size(2), like.size(3));
    }

    /**
     * Attention of queries {@code [N, Q, heads, d]} to keys and values {@code [N, K, heads, d]}.
     *
     * @return {@code [N, Q, heads, d]}
     */
    private Tensor attend(
            Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Pass pass) {
        return SelfAttention.scaledDotProduct(
                        query.transpose(1, 2),
                        key.transpose(1, 2),
                        value.transpose(1, 2),
                        mask,
                        dropout,
                        pass.mode())
                .transpose(1, 2);
    }

    /** {@code [T, count * d]} to {@code [B, S, count, d]}. */
    private static Tensor split(Tensor tokens, int count, Pass pass) {
        return pass.layout()
                .pad(tokens)
                .view(pass.batch().rows(), pass.batch().length(), count, tokens.size(1) / count);
    }
}
