package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.processor.Tuning;

/**
 * The tokens of a padded batch without the padding, {@code [T, H]}: linear layers, norms and
 * activations, nearly all of a layer's arithmetic, work on each token by itself and skip the
 * padding. Only attention needs each sequence in a row of the padded length.
 */
final class UnpaddedTokens implements TokenLayout {
    private final TokenBatch batch;

    /** For each of T tokens its row in {@code [B * S]}. */
    private final Tensor rows;

    /** For each row in {@code [B * S]} its token; for padding the first token of the sequence. */
    private final Tensor tokens;

    private UnpaddedTokens(TokenBatch batch, Tensor rows, Tensor tokens) {
        this.batch = batch;
        this.rows = rows;
        this.tokens = tokens;
    }

    /**
     * On a CPU, if enough is padding. In training without a {@link RandomStream}, dropout draws
     * what PyTorch draws for padded batches, which then stay padded.
     */
    static boolean isWorthwhile(TokenBatch batch, Mode mode) {
        return batch.device().isCpu()
                && count(batch)
                        <= (1 - Tuning.current().unpaddingShare()) * batch.rows() * batch.length()
                && (mode == Mode.EVALUATION || RandomStream.mark().isPresent());
    }

    private static int count(TokenBatch batch) {
        return batch.encodings().stream().mapToInt(text -> text.length()).sum();
    }

    /** The layout of a batch; its tensors are owned by the innermost scope. */
    static UnpaddedTokens of(TokenBatch batch) {
        int length = batch.length();
        var rows = new long[count(batch)];
        var tokens = new long[batch.rows() * length];
        int token = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int first = token;
            int inSequence = batch.encodings().get(row).length();
            for (int i = 0; i < length; i++) {
                int place = row * length + i;
                tokens[place] = i < inSequence ? token : first;
                if (i < inSequence) {
                    rows[token++] = place;
                }
            }
        }
        return new UnpaddedTokens(
                batch, Tensors.of(rows, rows.length), Tensors.of(tokens, tokens.length));
    }

    @Override
    public Tensor pack(Tensor padded) {
        return padded.indexSelect(0, rows);
    }

    @Override
    public Tensor pad(Tensor packed) {
        return packed.indexSelect(0, tokens);
    }

    /** With zeros in the padding, and no gradient from there. */
    @Override
    public Tensor padOutput(Tensor packed) {
        return pad(packed)
                .view(batch.rows(), batch.length(), packed.size(1))
                .mul(batch.attentionMask().unsqueeze(-1));
    }
}
