package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of a padded batch without the padding, {@code [T, H]}: linear layers, norms and
 * activations, nearly all of a layer's arithmetic, work on each token by itself and skip the
 * padding. Attention works on sequences of one length at a time, or, with a graph, on all in the
 * padded length.
 */
final class UnpaddedTokens implements TokenLayout {
    private final TokenBatch batch;

    /** For each of T tokens its row in {@code [B * S]}. */
    private final Tensor rows;

    /** For each row in {@code [B * S]} its token; for padding the first token of the sequence. */
    private final Tensor tokens;

    private final List<EqualLengths> equalLengths;

    /** Sequences of one length that follow each other in a batch. */
    record EqualLengths(int firstSequence, int sequences, int firstToken, int length) {
        private EqualLengths withOneMore() {
            return new EqualLengths(firstSequence, sequences + 1, firstToken, length);
        }

        /**
         * Their tokens, a view.
         *
         * @param all {@code [T, H]}
         */
        Tensor tokens(Tensor all) {
            return all.slice(0, firstToken, firstToken + (long) sequences * length);
        }

        /**
         * Their part of what is added to attention scores, a view.
         *
         * @param all {@code [1 or B, heads, S, S]}
         */
        Tensor scores(Tensor all) {
            var own =
                    all.size(0) == 1 ? all : all.slice(0, firstSequence, firstSequence + sequences);
            return own.slice(2, 0, length).slice(3, 0, length);
        }
    }

    private UnpaddedTokens(
            TokenBatch batch, Tensor rows, Tensor tokens, List<EqualLengths> equalLengths) {
        this.batch = batch;
        this.rows = rows;
        this.tokens = tokens;
        this.equalLengths = equalLengths;
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
                batch,
                Tensors.of(rows, rows.length),
                Tensors.of(tokens, tokens.length),
                equalLengths(batch));
    }

    private static List<EqualLengths> equalLengths(TokenBatch batch) {
        var all = new ArrayList<EqualLengths>();
        int token = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int length = batch.encodings().get(row).length();
            if (!all.isEmpty() && all.getLast().length() == length) {
                all.set(all.size() - 1, all.getLast().withOneMore());
            } else {
                all.add(new EqualLengths(row, 1, token, length));
            }
            token += length;
        }
        return List.copyOf(all);
    }

    @Override
    public List<Run> runs() {
        return equalLengths.stream()
                .map(equal -> new Run(equal.sequences(), equal.length(), equal.firstToken(), 0))
                .toList();
    }

    /** All sequences, in order; few if the batch is sorted by length. */
    List<EqualLengths> equalLengths() {
        return equalLengths;
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
