package dev.mtl.core.nn;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/**
 * B token sequences, padded to the longest, S.
 *
 * @param encodings the tokenizer's output, not padded
 * @param ids {@code [B, S]}, INT64
 * @param typeIds {@code [B, S]}, INT64
 * @param attentionMask {@code [B, S]}, FLOAT32: 1 for a real token, 0 for padding
 * @param attentionBias {@code [B, 1, 1, S]}, FLOAT32: what is added to attention scores, 0 for a
 *     real token and the lowest float for padding; null without padding
 */
public record TokenBatch(
        List<Encoding> encodings,
        Tensor ids,
        Tensor typeIds,
        Tensor attentionMask,
        @Nullable Tensor attentionBias) {

    /** Pads encodings and moves them to a device; the tensors belong to the innermost scope. */
    public static TokenBatch of(List<Encoding> encodings, long padId, Device device) {
        int rows = encodings.size();
        int length = encodings.stream().mapToInt(Encoding::length).max().orElseThrow();
        var ids = new long[rows * length];
        var types = new long[rows * length];
        var mask = new float[rows * length];
        var bias = new float[rows * length];
        boolean padded = false;
        for (int row = 0; row < rows; row++) {
            var encoding = encodings.get(row);
            int start = row * length;
            int end = start + encoding.length();
            for (int i = 0; i < encoding.length(); i++) {
                ids[start + i] = encoding.ids()[i];
                types[start + i] = encoding.typeIds()[i];
            }
            Arrays.fill(mask, start, end, 1);
            Arrays.fill(ids, end, start + length, padId);
            Arrays.fill(bias, end, start + length, -Float.MAX_VALUE);
            padded |= end < start + length;
        }
        return new TokenBatch(
                List.copyOf(encodings),
                Tensors.of(ids, rows, length).to(device),
                Tensors.of(types, rows, length).to(device),
                Tensors.of(mask, rows, length).to(device),
                padded ? Tensors.of(bias, rows, 1, 1, length).to(device) : null);
    }

    /** B, the number of sequences. */
    public int rows() {
        return encodings.size();
    }

    /** S, the length of the longest sequence in tokens. */
    public int length() {
        return Math.toIntExact(ids.size(1));
    }

    /** Whether some sequence is shorter than others. */
    public boolean isPadded() {
        return attentionBias != null;
    }

    public Device device() {
        return ids.device();
    }
}
