package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedOutputStream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Writes TensorFlow checkpoints of a few tensors, for tests. */
public final class TinyBundle {
    /** By name, so that they come in the order of the table's keys. */
    private final Map<String, byte[]> rows = new TreeMap<>();

    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int compression;
    private int shards = 1;
    private int repeatedBytes;
    private int repeats;

    /** A first byte, so that no tensor starts at a multiple of four. */
    public TinyBundle() {
        data.write(0);
    }

    /** Adds a tensor of 32-bit floats. */
    public TinyBundle add(String name, float[] values, long... shape) throws IOException {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return addRaw(name, 1, bytes.array(), masked(bytes.array()), shape);
    }

    TinyBundle addRaw(String name, int type, byte[] bytes, int crc, long... shape)
            throws IOException {
        var shapeBytes = new ByteArrayOutputStream();
        var shapeOutput = CodedOutputStream.newInstance(shapeBytes);
        for (var size : shape) {
            shapeOutput.writeByteArray(2, message(dim -> dim.writeInt64(1, size)));
        }
        shapeOutput.flush();
        var offset = data.size();
        data.write(bytes);
        rows.put(
                name,
                message(
                        entry -> {
                            entry.writeEnum(1, type);
                            entry.writeByteArray(2, shapeBytes.toByteArray());
                            entry.writeInt64(4, offset);
                            entry.writeInt64(5, bytes.length);
                            entry.writeFixed32(6, crc);
                        }));
        return this;
    }

    /** A row of the index as it is, right or wrong. */
    TinyBundle row(String key, byte[] value) {
        rows.put(key, value);
        return this;
    }

    /** The rows so far, by key. */
    Map<String, byte[]> rows() {
        return rows;
    }

    TinyBundle compression(int type) {
        compression = type;
        return this;
    }

    TinyBundle shards(int count) {
        shards = count;
        return this;
    }

    /** An index that lists an empty block of many bytes again and again. */
    TinyBundle repeatedBlock(int bytes, int times) {
        repeatedBytes = bytes;
        repeats = times;
        return this;
    }

    /** Writes {@code variables.index} and its data file; gives the index. */
    public Path write(Path folder) throws IOException {
        rows.put(
                "",
                message(
                        header -> {
                            header.writeInt32(1, shards);
                            header.writeByteArray(3, message(version -> version.writeInt32(1, 1)));
                        }));
        Files.write(folder.resolve("variables.data-00000-of-00001"), data.toByteArray());
        return Files.write(folder.resolve("variables.index"), table());
    }

    /** Two data blocks, an empty block in the role of the meta index, the index, the footer. */
    private byte[] table() throws IOException {
        var table = new ByteArrayOutputStream();
        var keys = new ArrayList<>(rows.keySet());
        var handles = new TreeMap<String, byte[]>();
        int half = Math.min(2, keys.size());
        for (var part : List.of(keys.subList(0, half), keys.subList(half, keys.size()))) {
            if (part.isEmpty()) {
                continue;
            }
            var entries = new TreeMap<String, byte[]>();
            part.forEach(key -> entries.put(key, rows.getOrDefault(key, new byte[0])));
            handles.put(part.getLast(), append(table, block(entries)));
        }
        if (repeats > 0) {
            var handle = append(table, emptyBlock(repeatedBytes));
            for (int i = 0; i < repeats; i++) {
                handles.put("%08d".formatted(i), handle);
            }
        }
        var meta = append(table, block(new TreeMap<>()));
        var index = append(table, block(handles));
        var footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN).put(meta).put(index);
        table.write(footer.putLong(40, 0xdb4775248b80fb57L).array());
        return table.toByteArray();
    }

    private byte[] append(ByteArrayOutputStream table, byte[] block) throws IOException {
        var offset = table.size();
        var typed = Arrays.copyOf(block, block.length + 1);
        typed[block.length] = (byte) compression;
        table.write(typed);
        table.write(littleEndian(masked(typed)));
        var handle = new ByteArrayOutputStream();
        var output = CodedOutputStream.newInstance(handle);
        output.writeUInt64NoTag(offset);
        output.writeUInt64NoTag(block.length);
        output.flush();
        return handle.toByteArray();
    }

    /** Nothing but restarts. */
    private static byte[] emptyBlock(int bytes) {
        return ByteBuffer.allocate(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes - 4, bytes / 4 - 1)
                .array();
    }

    /** Keys share what they have in common with the key before them; one restart. */
    private static byte[] block(Map<String, byte[]> entries) throws IOException {
        var block = new ByteArrayOutputStream();
        var output = CodedOutputStream.newInstance(block);
        var previous = new byte[0];
        for (var entry : entries.entrySet()) {
            var key = entry.getKey().getBytes(StandardCharsets.UTF_8);
            var mismatch = Arrays.mismatch(previous, key);
            var shared = mismatch < 0 ? key.length : mismatch;
            output.writeUInt32NoTag(shared);
            output.writeUInt32NoTag(key.length - shared);
            output.writeUInt32NoTag(entry.getValue().length);
            output.writeRawBytes(Arrays.copyOfRange(key, shared, key.length));
            output.writeRawBytes(entry.getValue());
            previous = key;
        }
        output.writeFixed32NoTag(0);
        output.writeFixed32NoTag(1);
        output.flush();
        return block.toByteArray();
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream output) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var output = CodedOutputStream.newInstance(bytes);
        fields.write(output);
        output.flush();
        return bytes.toByteArray();
    }

    /** LevelDB's formula, written a second time on purpose. */
    static int masked(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        var value = crc.getValue();
        return (int) ((((value >>> 15) | (value << 17)) & 0xffffffffL) + 0xa282ead8L);
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }
}
