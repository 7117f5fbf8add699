package dev.mtl.train.workers;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.collective.Collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Embeddings of which each process computes a part and gives it to the others. The parts are pieces
 * of a fixed size, since the last bits of an embedding may depend on the texts beside it: they are
 * the same with any number of processes.
 */
public final class SharedEmbeddings {
    /** Texts of a piece; a process has one at a time. */
    static final int PIECE = 1024;

    private final Collective processes;
    private final int count;

    /**
     * Embeddings of some texts.
     *
     * @param count how many, the same in all processes
     */
    public SharedEmbeddings(Collective processes, int count) {
        this.processes = processes;
        this.count = count;
    }

    /** Computes embeddings. */
    public interface Encoder {
        /** Those of the texts from one place to another, exclusive. */
        float[][] encode(int from, int to);
    }

    /**
     * Whether process 0 has kept the embeddings; all processes have the same answer.
     *
     * @param key what they are of
     * @throws ConfigurationException if a process has another key
     */
    public boolean isKept(String key, boolean own) {
        if (processes.size() == 1) {
            return own;
        }
        var keys = processes.allGather(key.getBytes(StandardCharsets.UTF_8));
        for (int rank = 1; rank < keys.size(); rank++) {
            if (!Arrays.equals(keys.get(rank), keys.getFirst())) {
                throw new ConfigurationException(
                        "%s has another teacher, or other training or validation data, than %s; give all processes the same files"
                                .formatted(processes.name(rank), processes.name(0)));
            }
        }
        return processes.allGather(new byte[] {(byte) (own ? 1 : 0)}).getFirst()[0] == 1;
    }

    /** The embeddings that process 0 has. */
    public float[][] ofFirst(float[][] own) {
        if (processes.size() == 1) {
            return own;
        }
        var all = new float[count][];
        for (int from = 0; from < count; from += PIECE) {
            int to = Math.min(count, from + PIECE);
            var sent = processes.rank() == 0 ? bytes(List.of(own).subList(from, to)) : new byte[0];
            read(processes.allGather(sent).getFirst(), all, from, to);
        }
        return all;
    }

    /** The embeddings that the processes compute, each some pieces. */
    public float[][] ofAll(Encoder encoder) {
        var all = new float[count][];
        int size = processes.size();
        for (int start = 0; start < count; start += PIECE * size) {
            int from = begin(start, processes.rank());
            int to = begin(start, processes.rank() + 1);
            var own = from == to ? new float[0][] : encoder.encode(from, to);
            if (size == 1) {
                System.arraycopy(own, 0, all, from, own.length);
                continue;
            }
            var sent = processes.allGather(bytes(List.of(own)));
            for (int rank = 0; rank < size; rank++) {
                read(sent.get(rank), all, begin(start, rank), begin(start, rank + 1));
            }
        }
        return all;
    }

    private int begin(int start, int rank) {
        return (int) Math.min(count, start + (long) rank * PIECE);
    }

    private static byte[] bytes(List<float[]> rows) {
        int width = rows.isEmpty() ? 0 : rows.getFirst().length;
        var bytes = ByteBuffer.allocate(rows.size() * width * Float.BYTES);
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        var floats = bytes.asFloatBuffer();
        rows.forEach(floats::put);
        return bytes.array();
    }

    private static void read(byte[] bytes, float[][] rows, int from, int to) {
        if (from == to) {
            return;
        }
        int width = bytes.length / Float.BYTES / (to - from);
        var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int row = from; row < to; row++) {
            rows[row] = new float[width];
            floats.get(rows[row]);
        }
    }
}
