package dev.mtl.core.rotary;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.AttentionBias;
import dev.mtl.core.transformer.Pass;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;

/**
 * Lets a token attend only to those at most {@code reach} away. Longer sequences are cut into
 * blocks of {@code 2 * reach} tokens, which attend to themselves and {@code reach} tokens on both
 * sides: time and memory grow linearly with the length.
 */
public final class Window implements AttentionBias {
    /** Low enough for every softmax, and finite in BFLOAT16 and beside the mask of padding. */
    private static final float HIDDEN = -1e30f;

    private final int reach;
    private final Object blockMaskKey = new Object();

    /**
     * A window.
     *
     * @param reach the largest distance of a token that is attended to, at least 1
     */
    public Window(int reach) {
        if (reach < 1) {
            throw new IllegalArgumentException("a window of " + reach + " tokens to each side");
        }
        this.reach = reach;
    }

    int reach() {
        return reach;
    }

    /** Tokens of a block. */
    int block() {
        return 2 * reach;
    }

    /** Whether all tokens of a sequence are in reach of each other. */
    boolean covers(int length) {
        return length <= reach + 1;
    }

    /** Whether a sequence is long enough for {@link #block blocks}. */
    boolean isBlockwise(int length) {
        return length > block() + reach;
    }

    /** What is added to the scores of a batch that is not blockwise, {@code [1, 1, S, S]}. */
    @Override
    public Tensor of(TokenBatch batch) {
        return square(band().to(batch.device()), batch.length());
    }

    @Override
    public boolean isLearned() {
        return false;
    }

    /** The part of a {@link #band} that is a whole sequence, a view. */
    Tensor square(Tensor band, int length) {
        return band.slice(2, 0, length).slice(3, reach, reach + (long) length);
    }

    /** The {@link #band} of a pass. */
    Tensor band(Pass pass) {
        return pass.constant(this, () -> band().to(pass.batch().device()));
    }

    /**
     * What is added to the scores of a block, the keys beginning {@code reach} before the queries.
     *
     * @return {@code [1, 1, block + reach, block + 2 * reach]}, FLOAT32
     */
    private Tensor band() {
        int queries = block() + reach;
        int keys = block() + 2 * reach;
        var values = new float[queries * keys];
        for (int i = 0; i < values.length; i++) {
            int distance = Math.abs(i % keys - reach - i / keys);
            values[i] = distance <= reach ? 0 : HIDDEN;
        }
        return Tensors.of(values, 1, 1, queries, keys);
    }

    /**
     * Tokens in blocks.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B * blocks, block, H]}, zeros after the last token
     */
    Tensor blocks(Tensor tokens) {
        long blocks = count(tokens.size(1));
        var padded = pad(tokens, 0, blocks * block());
        return padded.reshape(tokens.size(0) * blocks, block(), tokens.size(2));
    }

    /**
     * For each block the tokens that it attends to.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B * blocks, block + 2 * reach, H]}, zeros before the first and after the last
     *     token
     */
    Tensor surroundings(Tensor tokens) {
        long batch = tokens.size(0);
        long blocks = count(tokens.size(1));
        var halves =
                pad(tokens, reach, (blocks + 1) * block())
                        .view(batch, blocks + 1, block(), tokens.size(2));
        var near =
                Tensors.cat(List.of(halves.slice(1, 0, blocks), halves.slice(1, 1, blocks + 1)), 2);
        return near.view(batch * blocks, 2L * block(), tokens.size(2));
    }

    private long count(long length) {
        return (length + block() - 1) / block();
    }

    /** {@code [B, S, H]} to {@code [B, length, H]}: zeros, the tokens, zeros. */
    private static Tensor pad(Tensor tokens, long before, long length) {
        long after = length - before - tokens.size(1);
        var parts = new ArrayList<Tensor>();
        if (before > 0) {
            parts.add(zeros(tokens, before));
        }
        parts.add(tokens);
        if (after > 0) {
            parts.add(zeros(tokens, after));
        }
        return parts.size() == 1 ? tokens : Tensors.cat(parts, 1);
    }

    private static Tensor zeros(Tensor like, long rows) {
        return Tensors.zeros(like.dtype(), like.device(), like.size(0), rows, like.size(2));
    }

    /**
     * What is added to the scores of each block, of the window and of padding.
     *
     * @return {@code [B * blocks, 1, block, block + 2 * reach]}, FLOAT32; no row is infinite
     */
    Tensor blockMask(Pass pass) {
        var band = band(pass).slice(2, 0, block());
        return pass.constant(blockMaskKey, () -> withPadding(pass.batch(), band));
    }

    private Tensor withPadding(TokenBatch batch, Tensor band) {
        var real = surroundings(batch.attentionMask().unsqueeze(-1));
        return real.sub(1).mul(-HIDDEN).view(-1, 1, 1, real.size(1)).minimum(band);
    }
}
