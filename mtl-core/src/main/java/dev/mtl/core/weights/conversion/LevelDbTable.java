package dev.mtl.core.weights.conversion;

import dev.mtl.core.internal.MaskedCrc32c;
import dev.mtl.core.weights.WeightFileException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A LevelDB table held in memory, as TensorFlow writes it for the index of a checkpoint:
 * uncompressed blocks, each with a checksum.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">the format</a>
 */
final class LevelDbTable {
    private static final int FOOTER_BYTES = 48;
    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int TRAILER_BYTES = 5;

    /** An index lists a few hundred tensors in some kilobytes; more than this is another file. */
    private static final long MAX_BYTES = 8L << 20;

    /**
     * Keys share what they begin with, which a hostile file can use to make much out of little; a
     * table starts a whole key every 16 entries, so that none becomes larger than this.
     */
    private static final long MAX_EXPANSION = 16;

    private static final long MAX_EXPANDED = 64L << 20;
    private static final int MAX_ENTRIES = 100_000;

    private final Path file;
    private final ByteBuffer bytes;
    private long expanded;

    /** Where the last block that was read ends. */
    private long end;

    private LevelDbTable(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Every entry, in the order of the keys.
     *
     * @throws WeightFileException if the file is damaged or compressed
     */
    static Map<String, byte[]> read(Path file) throws IOException {
        var size = Files.size(file);
        if (size < FOOTER_BYTES || size > MAX_BYTES) {
            throw new WeightFileException(file, "not a LevelDB table: " + size + " bytes");
        }
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        return new LevelDbTable(file, bytes).entries();
    }

    private Map<String, byte[]> entries() {
        if (bytes.getLong(bytes.limit() - 8) != MAGIC) {
            throw new WeightFileException(
                    file, "not a LevelDB table, or cut short: the last 8 bytes are not its magic");
        }
        var footer = bytes.slice(bytes.limit() - FOOTER_BYTES, FOOTER_BYTES);
        varint(footer);
        varint(footer);
        var entries = new LinkedHashMap<String, byte[]>();
        var last = new byte[][] {new byte[0]};
        var index = block(footer);
        end = 0;
        forEach(
                index,
                (_, handle) ->
                        forEach(
                                nextBlock(ByteBuffer.wrap(handle)),
                                (key, value) -> {
                                    // Without this, blocks could be listed again and again.
                                    if (!entries.isEmpty()
                                            && Arrays.compareUnsigned(last[0], key) >= 0) {
                                        throw new WeightFileException(
                                                file, "its keys are not in order");
                                    }
                                    if (entries.size() == MAX_ENTRIES) {
                                        throw new WeightFileException(
                                                file, "it has more than " + MAX_ENTRIES + " names");
                                    }
                                    last[0] = key;
                                    entries.put(text(key), value);
                                }));
        return entries;
    }

    private String text(byte[] key) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
        } catch (CharacterCodingException e) {
            throw new WeightFileException(file, "a name is not UTF-8", e);
        }
    }

    /** The next block of entries: one that is listed twice would be read twice. */
    private ByteBuffer nextBlock(ByteBuffer handle) {
        long before = end;
        var block = block(handle);
        if (end - block.limit() < before) {
            throw new WeightFileException(file, "its blocks are not in order");
        }
        return block;
    }

    /** The contents of the block that a handle (offset, size) points to, its checksum checked. */
    private ByteBuffer block(ByteBuffer handle) {
        var offset = varint(handle);
        var size = varint(handle);
        var limit = bytes.limit() - FOOTER_BYTES - TRAILER_BYTES;
        if (offset < 0 || size < 4 || offset > limit || size > limit - offset) {
            throw new WeightFileException(
                    file, "a block of %d bytes at %d is outside the file".formatted(size, offset));
        }
        var start = (int) offset;
        var length = (int) size;
        end = offset + size;
        var stored = bytes.getInt(start + length + 1);
        if (MaskedCrc32c.of(bytes.slice(start, length + 1)) != stored) {
            throw new WeightFileException(
                    file, "the block at %d is damaged (CRC)".formatted(start));
        }
        var compression = bytes.get(start + length);
        if (compression != 0) {
            throw new WeightFileException(
                    file,
                    "the block at %d is compressed (type %d), which is not supported"
                            .formatted(start, compression));
        }
        return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void forEach(ByteBuffer block, BiConsumer<byte[], byte[]> action) {
        var restarts = block.getInt(block.limit() - 4);
        var end = block.limit() - 4 - 4L * restarts;
        if (restarts < 0 || end < 0) {
            throw new WeightFileException(file, "a block has " + restarts + " restarts");
        }
        block.limit((int) end);
        var key = new byte[0];
        while (block.hasRemaining()) {
            var shared = varint(block);
            var fresh = varint(block);
            var length = varint(block);
            if (shared < 0
                    || shared > key.length
                    || fresh < 0
                    || fresh > block.remaining()
                    || length < 0
                    || length > block.remaining() - fresh) {
                throw new WeightFileException(file, "an entry runs over the end of its block");
            }
            expanded += shared + fresh + length;
            if (expanded > Math.min(MAX_EXPANSION * bytes.limit(), MAX_EXPANDED)) {
                throw new WeightFileException(
                        file, "its entries are far larger than the file: damaged or hostile");
            }
            key = Arrays.copyOf(key, (int) (shared + fresh));
            block.get(key, (int) shared, (int) fresh);
            var value = new byte[(int) length];
            block.get(value);
            action.accept(key, value);
        }
    }

    private long varint(ByteBuffer buffer) {
        var value = 0L;
        for (var shift = 0; shift < 64 && buffer.hasRemaining(); shift += 7) {
            var next = buffer.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new WeightFileException(file, "a number does not end");
    }
}
