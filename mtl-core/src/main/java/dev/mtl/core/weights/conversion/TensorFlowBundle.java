package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.internal.MaskedCrc32c;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.WireTags;
import dev.mtl.core.weights.FileRegion;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.core.weights.WeightFileException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Reads a TensorFlow checkpoint (a "tensor bundle") of one shard: {@code x.index}, a LevelDB table
 * that says where each tensor lies, and {@code x.data-00000-of-00001}, the tensors themselves. Each
 * tensor's checksum is checked when it is read.
 *
 * <p>Tensors of a type that has no counterpart here (strings) are left out.
 */
public final class TensorFlowBundle implements TensorSource {
    private final Path data;
    private final FileChannel channel;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, BundleEntry> entries;

    private TensorFlowBundle(
            Path data,
            FileChannel channel,
            Map<String, TensorInfo> tensors,
            Map<String, BundleEntry> entries) {
        this.data = data;
        this.channel = channel;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.entries = entries;
    }

    /**
     * Opens the checkpoint whose index is {@code index}; the data file lies beside it.
     *
     * @throws WeightFileException if either file is missing, damaged, or not of one little-endian
     *     shard
     */
    public static TensorFlowBundle open(Path index) {
        try {
            var stem = index.getFileName().toString().replaceFirst("\\.index$", "");
            var data = index.resolveSibling(stem + ".data-00000-of-00001");
            var table = LevelDbTable.read(index);
            checkHeader(index, table.remove(""));
            var channel = FileChannel.open(data);
            try {
                return open(index, data, channel, table);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new WeightFileException(Path.of(e.getFile()), "no such file", e);
        } catch (IOException e) {
            throw new WeightFileException(index, "cannot be read: " + Reasons.of(e), e);
        }
    }

    private static TensorFlowBundle open(
            Path index, Path data, FileChannel channel, Map<String, byte[]> table)
            throws IOException {
        var tensors = new LinkedHashMap<String, TensorInfo>();
        var entries = new HashMap<String, BundleEntry>();
        for (var row : table.entrySet()) {
            var entry = BundleEntry.parse(row.getValue());
            if (entry.dtype() == null) {
                continue;
            }
            var shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
            TensorInfo info;
            try {
                info = new TensorInfo(row.getKey(), entry.dtype(), shape);
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new WeightFileException(
                        index, "tensor '" + row.getKey() + "': " + e.getMessage(), e);
            }
            if (info.bytes() != entry.size()) {
                throw new WeightFileException(
                        index, "%s: the index says %d bytes".formatted(info, entry.size()));
            }
            if (entry.shard() != 0) {
                throw new WeightFileException(
                        index, "%s lies in shard %d of one".formatted(info, entry.shard()));
            }
            if (entry.offset() < 0 || entry.offset() > channel.size() - entry.size()) {
                throw new WeightFileException(
                        data,
                        "%s lies at %d, outside the file (cut short?)"
                                .formatted(info, entry.offset()));
            }
            tensors.put(info.name(), info);
            entries.put(info.name(), entry);
        }
        requireApart(index, entries);
        return new TensorFlowBundle(data, channel, tensors, entries);
    }

    /** Tensors that share their bytes would be written out to more than the file has. */
    private static void requireApart(Path index, Map<String, BundleEntry> entries) {
        var names =
                entries.keySet().stream()
                        .sorted(Comparator.comparingLong(name -> offset(entries, name)))
                        .toList();
        for (int i = 1; i < names.size(); i++) {
            var before = Objects.requireNonNull(entries.get(names.get(i - 1)));
            if (before.size() > offset(entries, names.get(i)) - before.offset()) {
                throw new WeightFileException(
                        index,
                        "'%s' and '%s' share bytes of the data file"
                                .formatted(names.get(i - 1), names.get(i)));
            }
        }
    }

    private static long offset(Map<String, BundleEntry> entries, String name) {
        return Objects.requireNonNull(entries.get(name)).offset();
    }

    /** {@code BundleHeaderProto}: num_shards = 1, endianness = 2 (little is 0). */
    private static void checkHeader(Path index, byte @Nullable [] header) throws IOException {
        if (header == null) {
            throw new WeightFileException(index, "has no header: not a TensorFlow checkpoint");
        }
        var input = CodedInputStream.newInstance(header);
        var shards = 0;
        var endianness = 0;
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            switch (tag) {
                case WireTags.VARINT | 1 << 3 -> shards = input.readInt32();
                case WireTags.VARINT | 2 << 3 -> endianness = input.readEnum();
                default -> WireTags.skip(input, tag, 1, 2);
            }
        }
        if (shards != 1 || endianness != 0) {
            throw new WeightFileException(
                    index,
                    "has %d shards and endianness %d; only one little-endian shard is supported"
                            .formatted(shards, endianness));
        }
    }

    @Override
    public Path file() {
        return data;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public void read(String name, ByteBuffer target) {
        var entry = Objects.requireNonNull(entries.get(info(name).name()));
        var filled = target.duplicate();
        new FileRegion(entry.offset(), entry.size())
                .read(data, channel, "tensor '" + name + "'", target);
        if (MaskedCrc32c.of(filled) != entry.crc()) {
            throw new WeightFileException(data, "tensor '" + name + "' is damaged (CRC)");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
