package dev.mtl.core.kernel;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.weights.SafetensorsSource;

import java.nio.ByteBuffer;
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
public record WordEmbeddingTable(SafetensorsSource source, String name, int vocabulary, int width) {
    /**
     * Writes the embeddings of a batch's words, {@code [B, S, width]}; padding has the row of word
     * 0.
     *
     * @throws IllegalArgumentException if an id is none of the vocabulary
     */
    void write(TokenBatch batch, ByteBuffer memory) {
        var words = words(batch);
        int bytes = width * Float.BYTES;
        for (int i = 0; i < words.length; i++) {
            int place = (int) words[i] * bytes;
            memory.clear();
            if (i > 0 && word(words[i]) == word(words[i - 1])) {
                memory.put(place, memory, (int) words[i - 1] * bytes, bytes);
            } else {
                memory.position(place).limit(place + bytes);
                source.read(name, word(words[i]) * bytes, memory);
            }
        }
        memory.clear();
    }

    /**
     * A word and where in the batch it is, in one number: the id above, the place below.
     *
     * @return ascending, so that the places of one word stand together
     */
    private long[] words(TokenBatch batch) {
        var words = new long[batch.rows() * batch.length()];
        int place = 0;
        for (var encoding : batch.encodings()) {
            for (int i = 0; i < batch.length(); i++) {
                long id = i < encoding.length() ? encoding.ids()[i] : 0;
                if (id < 0 || id >= vocabulary) {
                    throw new IllegalArgumentException(
                            "token id %d, but the vocabulary has %d".formatted(id, vocabulary));
                }
                words[place] = id << Integer.SIZE | place++;
            }
        }
        Arrays.sort(words);
        return words;
    }

    private static long word(long wordAndPlace) {
        return wordAndPlace >>> Integer.SIZE;
    }
}
