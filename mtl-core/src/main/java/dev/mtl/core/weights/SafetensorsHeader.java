package dev.mtl.core.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The header of a safetensors file, checked as the reference implementation checks it: the tensors
 * fill the bytes after the header without a hole or an overlap.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(
        Map<String, TensorInfo> tensors,
        Map<String, FileRegion> regions,
        Map<String, String> metadata) {

    /** The reference implementation's limit. */
    private static final long MAX_BYTES = 100_000_000;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

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
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new WeightFileException(
                    file, "the header is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new WeightFileException(file, "the header is not a JSON object");
        }
        return new Parser(file, 8 + length, size).parse(root);
    }

    /** Checks one header against the file's size. */
    private record Parser(Path file, long dataStart, long fileSize) {

        SafetensorsHeader parse(JsonNode root) {
            var tensors = new LinkedHashMap<String, TensorInfo>();
            var regions = new LinkedHashMap<String, FileRegion>();
            var metadata = new LinkedHashMap<String, String>();
            for (var field : root.properties()) {
                if (field.getKey().equals("__metadata__")) {
                    readMetadata(field.getValue(), metadata);
                } else {
                    var info = tensor(field.getKey(), field.getValue());
                    regions.put(info.name(), region(info, field.getValue().path("data_offsets")));
                    tensors.put(info.name(), info);
                }
            }
            requireNoHoles(regions);
            return new SafetensorsHeader(inFileOrder(tensors, regions), regions, metadata);
        }

        private void readMetadata(JsonNode node, Map<String, String> metadata) {
            if (!node.isObject()) {
                throw new WeightFileException(file, "__metadata__ is not a JSON object");
            }
            for (var field : node.properties()) {
                if (!field.getValue().isTextual()) {
                    throw new WeightFileException(
                            file, "metadata '" + field.getKey() + "' is not a string");
                }
                metadata.put(field.getKey(), field.getValue().textValue());
            }
        }

        private TensorInfo tensor(String name, JsonNode node) {
            var type = node.path("dtype").asText();
            var dtype = SafetensorsTypes.ofName(type);
            if (dtype == null) {
                throw bad(
                        name,
                        "dtype '%s' is not supported; supported: %s"
                                .formatted(type, SafetensorsTypes.known()));
            }
            try {
                return new TensorInfo(name, dtype, numbers(name, node.path("shape"), "shape"));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new WeightFileException(
                        file, "tensor '%s': bad shape: %s".formatted(name, e.getMessage()), e);
            }
        }

        private FileRegion region(TensorInfo info, JsonNode node) {
            var offsets = numbers(info.name(), node, "data_offsets");
            if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
                throw bad(info.name(), "bad data_offsets " + node);
            }
            var length = offsets[1] - offsets[0];
            if (length != info.bytes()) {
                throw bad(
                        info.name(),
                        "data_offsets give %d bytes, but dtype and shape (%s) need %d"
                                .formatted(length, info, info.bytes()));
            }
            if (offsets[1] > fileSize - dataStart) {
                throw bad(
                        info.name(),
                        "ends at byte %d of the data, but the file has only %d (cut short?)"
                                .formatted(offsets[1], fileSize - dataStart));
            }
            return new FileRegion(dataStart + offsets[0], length);
        }

        private long[] numbers(String name, JsonNode node, String field) {
            if (!node.isArray()) {
                throw bad(name, "has no list '" + field + "'");
            }
            var values = new ArrayList<Long>();
            for (var item : node) {
                if (!item.isIntegralNumber() || !item.canConvertToLong()) {
                    throw bad(name, "bad " + field + " " + node);
                }
                values.add(item.longValue());
            }
            return values.stream().mapToLong(Long::longValue).toArray();
        }

        private void requireNoHoles(Map<String, FileRegion> regions) {
            var sorted = new ArrayList<>(regions.entrySet());
            sorted.sort(ORDER);
            var end = dataStart;
            for (var entry : sorted) {
                var start = entry.getValue().offset();
                if (start != end) {
                    throw bad(
                            entry.getKey(),
                            start < end ? "overlaps the tensor before it" : "follows a hole");
                }
                end = start + entry.getValue().length();
            }
            if (end != fileSize) {
                throw new WeightFileException(
                        file, "has %d bytes after the last tensor".formatted(fileSize - end));
            }
        }

        private WeightFileException bad(String name, String reason) {
            return new WeightFileException(file, "tensor '" + name + "': " + reason);
        }
    }

    private static final Comparator<Map.Entry<String, FileRegion>> ORDER =
            Comparator.comparingLong((Map.Entry<String, FileRegion> e) -> e.getValue().offset())
                    .thenComparingLong(e -> e.getValue().length());

    private static Map<String, TensorInfo> inFileOrder(
            Map<String, TensorInfo> tensors, Map<String, FileRegion> regions) {
        var ordered = new LinkedHashMap<String, TensorInfo>();
        regions.entrySet().stream()
                .sorted(ORDER)
                .map(Map.Entry::getKey)
                .forEach(name -> ordered.put(name, Objects.requireNonNull(tensors.get(name))));
        return ordered;
    }
}
