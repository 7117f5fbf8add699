package dev.mtl.core.bert;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/**
 * The rows of a padded batch that are tokens, one after the other, {@code [N, H]}: what a layer
 * does to each token alone, nearly all of its arithmetic, it need not do to padding. Only attention
 * needs a sequence in a row of its own.
 */
final class UnpaddedTokens implements TokenLayout {
    /** From this share of padding on it costs more than moving the rows about. */
    private static final double LEAST_PADDING = 0.05;

    private final TokenBatch batch;

    /** For each of N tokens its row in {@code [B * S]}. */
    private final Tensor rows;

    /** For each row in {@code [B * S]} its token, for padding the first token of the sequence. */
    private final Tensor tokens;

    private UnpaddedTokens(TokenBatch batch, Tensor rows, Tensor tokens) {
        this.batch = batch;
        this.rows = rows;
        this.tokens = tokens;
    }

    /**
     * Whether this pays: on a CPU, if enough is padding. Without a {@link RandomStream}, dropout
     * draws what PyTorch draws for padded batches, which are then left so.
     */
    static boolean isWorthwhile(TokenBatch batch) {
        return batch.device().isCpu()
                && count(batch) <= (1 - LEAST_PADDING) * batch.rows() * batch.length()
                && RandomStream.mark().isPresent();
    }

    private static int count(TokenBatch batch) {
        return batch.encodings().stream().mapToInt(text -> text.length()).sum();
    }

    /** The tokens of a batch; tensors are owned by the innermost scope. */
    static UnpaddedTokens of(TokenBatch batch) {
        int length = batch.length();
        var rows = new long[count(batch)];
        var tokens = new long[batch.rows() * length];
        int token = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int first = token;
            int own = batch.encodings().get(row).length();
            for (int i = 0; i < length; i++) {
                int place = row * length + i;
                tokens[place] = i < own ? token : first;
                if (i < own) {
                    rows[token++] = place;
                }
            }
        }
        return new UnpaddedTokens(
                batch, Tensors.of(rows, rows.length), Tensors.of(tokens, tokens.length));
    }

    @Override
    public Tensor pack(Tensor padded) {
        return padded.reshape(-1, padded.size(-1)).indexSelect(0, rows);
    }

    @Override
    public Tensor pad(Tensor packed) {
        return packed.indexSelect(0, tokens).view(batch.rows(), batch.length(), packed.size(-1));
    }

    /** With zeros in the padding, and no gradient from there. */
    @Override
    public Tensor padOutput(Tensor packed) {
        return pad(packed).mul(batch.attentionMask().unsqueeze(-1));
    }
}
