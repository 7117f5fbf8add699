package dev.mtl.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, validated as by the reference implementation: the tensors fill
 * the bytes after the header without gaps or overlaps.
 *
 * @param tensors in file order
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(
        Map<String, TensorInfo> tensors,
        Map<String, FileRegion> regions,
        Map<String, String> metadata) {

    /** The reference implementation's limit. */
    static final int MAX_BYTES = 100_000_000;

    private static final Comparator<SafetensorsJson.Entry> ORDER =
            Comparator.comparingLong(SafetensorsJson.Entry::begin)
                    .thenComparingLong(SafetensorsJson.Entry::end);

    static SafetensorsHeader parse(Path file, FileChannel channel) throws IOException {
        var size = channel.size();
        if (size < 8) {
            throw new WeightFileException(
                    file, "not a safetensors file: " + size + " bytes, the header needs 8 or more");
        }
        var prefix = new FileRegion(0, 8).bytes(file, channel, "the header's length");
        var length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > MAX_BYTES || length > size - 8) {
            throw new WeightFileException(
                    file,
                    "not a safetensors file, or cut short: its header should have %s bytes, the file has %d"
                            .formatted(Long.toUnsignedString(length), size));
        }
        var text = new FileRegion(8, length).bytes(file, channel, "the header");
        if (text.length == 0 || text[0] != '{') {
            throw new WeightFileException(file, "the header does not begin with '{'");
        }
        var json = SafetensorsJson.read(file, text);
        var entries = new ArrayList<>(json.tensors.values());
        entries.sort(ORDER);
        requireNoHoles(file, entries, size - 8 - length);
        var tensors = new LinkedHashMap<String, TensorInfo>();
        var regions = new HashMap<String, FileRegion>();
        for (var entry : entries) {
            var name = entry.info().name();
            tensors.put(name, entry.info());
            regions.put(
                    name, new FileRegion(8 + length + entry.begin(), entry.end() - entry.begin()));
        }
        return new SafetensorsHeader(tensors, regions, json.metadata);
    }

    private static void requireNoHoles(
            Path file, List<SafetensorsJson.Entry> entries, long dataBytes) {
        var end = 0L;
        for (var entry : entries) {
            var info = entry.info();
            if (entry.end() - entry.begin() != info.bytes()) {
                throw bad(
                        file,
                        info,
                        "data_offsets give %d bytes, but dtype and shape (%s) need %d"
                                .formatted(entry.end() - entry.begin(), info, info.bytes()));
            }
            if (entry.begin() != end) {
                throw bad(
                        file,
                        info,
                        entry.begin() < end ? "overlaps the tensor before it" : "follows a hole");
            }
            if (entry.end() > dataBytes) {
                throw bad(
                        file,
                        info,
                        "ends at byte %d of the data, but the file has only %d (cut short?)"
                                .formatted(entry.end(), dataBytes));
            }
            end = entry.end();
        }
        if (end != dataBytes) {
            throw new WeightFileException(
                    file, "has %d bytes after the last tensor".formatted(dataBytes - end));
        }
    }

    private static WeightFileException bad(Path file, TensorInfo info, String reason) {
        return new WeightFileException(file, "tensor '" + info.name() + "': " + reason);
    }
}
