package dev.mtl.core.bert;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.weights.SafetensorsSource;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.Arrays;

/**
 * The table of word embeddings, left in its file: a batch reads the rows of its words. It is the
 * largest tensor of a small model (half of all-MiniLM-L6-v2), a text needs a few rows of it, and
 * the system keeps what is read often. Read, not mapped: a mapped file that someone cuts off ends
 * the process.
 *
 * <p>Any number of threads may use it at once, while the file is open.
 *
 * @param name of the tensor in the file, FLOAT32 {@code [vocabulary, width]}
 */
record WordRows(SafetensorsSource source, String name, int vocabulary, int width) {
    static final String WEIGHT = "embeddings.word_embeddings.weight";

    /**
     * The embeddings of a batch's words.
     *
     * @return {@code [B, S, width]}, FLOAT32, in main memory, owned by the innermost scope; padding
     *     has the row of some word
     * @throws IllegalArgumentException if an id is none of the vocabulary
     */
    Tensor of(TokenBatch batch) {
        var wanted = wanted(batch);
        if (wanted[0] < 0 || wanted[wanted.length - 1] >= vocabulary) {
            throw new IllegalArgumentException(
                    "token ids %d to %d, but the vocabulary has %d"
                            .formatted(wanted[0], wanted[wanted.length - 1], vocabulary));
        }
        try (var rows = rows(wanted);
                var index = index(batch, wanted)) {
            return rows.embedding(index);
        }
    }

    /** The ids of the batch's words, each once, ascending. */
    private static long[] wanted(TokenBatch batch) {
        var ids = new long[batch.encodings().stream().mapToInt(Encoding::length).sum()];
        int count = 0;
        for (var encoding : batch.encodings()) {
            System.arraycopy(encoding.ids(), 0, ids, count, encoding.length());
            count += encoding.length();
        }
        Arrays.sort(ids);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || ids[i] != ids[i - 1]) {
                ids[distinct++] = ids[i];
            }
        }
        return Arrays.copyOf(ids, distinct);
    }

    /** {@code [wanted, width]}; rows that lie together are read at once. */
    private Tensor rows(long[] wanted) {
        long bytes = (long) width * Float.BYTES;
        return Tensors.written(
                DType.FLOAT32,
                memory -> {
                    for (int from = 0, to; from < wanted.length; from = to) {
                        to = from + 1;
                        while (to < wanted.length && wanted[to] == wanted[to - 1] + 1) {
                            to++;
                        }
                        memory.limit(Math.toIntExact(to * bytes));
                        source.read(name, wanted[from] * bytes, memory);
                    }
                },
                wanted.length,
                width);
    }

    /** Where in {@code wanted} each word of the batch is, {@code [B, S]}. */
    private static Tensor index(TokenBatch batch, long[] wanted) {
        int length = batch.length();
        var index = new long[batch.rows() * length];
        for (int row = 0; row < batch.rows(); row++) {
            var ids = batch.encodings().get(row).ids();
            for (int i = 0; i < ids.length; i++) {
                index[row * length + i] = Arrays.binarySearch(wanted, ids[i]);
            }
        }
        return Tensors.of(index, batch.rows(), length);
    }
}
