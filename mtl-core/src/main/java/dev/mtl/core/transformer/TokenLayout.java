package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.List;

/** How the tokens of a batch are laid out in the tensors between the parts of a pass. */
public sealed interface TokenLayout permits TokenLayout.Padded, UnpaddedTokens {
    /** All sequences in the length of the longest: T is {@code B * S}. */
    static TokenLayout padded(TokenBatch batch) {
        return new Padded(batch.encodings(), batch.length());
    }

    /** Unpadded where that is worthwhile, else padded; tensors are owned by the innermost scope. */
    static TokenLayout of(TokenBatch batch, Mode mode) {
        return UnpaddedTokens.isWorthwhile(batch, mode) ? UnpaddedTokens.of(batch) : padded(batch);
    }

    /** {@code [B * S, H]} to {@code [T, H]}; may be the same tensor. */
    Tensor pack(Tensor padded);

    /**
     * {@code [T, H]} to {@code [B * S, H]}, for attention: its mask keeps the padding, and
     * gradients from there, out. May be the same tensor.
     */
    Tensor pad(Tensor packed);

    /** {@code [T, H]} to {@code [B, S, H]}, for what follows the last layer. */
    Tensor padOutput(Tensor packed);

    /** The sequences in the order of the rows; together they are all rows. */
    List<Run> runs();

    /** For each of T rows the position of its token in its sequence. */
    default int[] positions() {
        var positions = new int[runs().stream().mapToInt(run -> run.rows() + run.padding()).sum()];
        for (var run : runs()) {
            for (int i = 0; i < run.rows(); i++) {
                positions[run.first() + i] = i % run.length();
            }
        }
        return positions;
    }

    /**
     * Sequences of one length that follow each other.
     *
     * @param first row
     * @param padding rows after the last sequence that are no tokens
     */
    record Run(int sequences, int length, int first, int padding) {
        /** How many tokens they have. */
        public int rows() {
            return sequences * length;
        }
    }

    /** As in the batch. */
    record Padded(List<Encoding> encodings, int length) implements TokenLayout {
        @Override
        public Tensor pack(Tensor padded) {
            return padded;
        }

        @Override
        public Tensor pad(Tensor packed) {
            return packed;
        }

        @Override
        public Tensor padOutput(Tensor packed) {
            return packed.view(encodings.size(), length, packed.size(1));
        }

        @Override
        public List<Run> runs() {
            var runs = new ArrayList<Run>();
            for (int row = 0; row < encodings.size(); row++) {
                int tokens = encodings.get(row).length();
                runs.add(new Run(1, tokens, row * length, length - tokens));
            }
            return runs;
        }
    }
}
