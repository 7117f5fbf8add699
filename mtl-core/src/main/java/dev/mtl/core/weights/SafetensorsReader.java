package dev.mtl.core.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.torch.DType;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads a safetensors file. Everything that its header says is checked when it is opened, so that a
 * damaged or hostile file is an error and never a wrong tensor.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsReader implements AutoCloseable {
    private static final long LONGEST_HEADER = 100_000_000;

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsReader(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        long size = channel.size();
        if (size < 8) {
            throw damaged("it has " + size + " bytes");
        }
        long header = bytes(0, 8).getLong();
        if (header < 2 || header > Math.min(LONGEST_HEADER, size - 8)) {
            throw damaged("its header would have " + header + " bytes, the file has " + size);
        }
        dataStart = 8 + header;
        readHeader(bytes(8, Math.toIntExact(header)).array(), size - dataStart);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws MtlException if it cannot be read or is damaged; says where
     */
    public static SafetensorsReader open(Path file) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file);
            return new SafetensorsReader(file, channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new MtlException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(channel);
            throw e;
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // what the caller throws says more
        }
    }

    private void readHeader(byte[] json, long dataSize) throws IOException {
        JsonNode header;
        try {
            header =
                    JsonMapper.builder()
                            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                            .build()
                            .readTree(json);
        } catch (JsonProcessingException e) {
            throw damaged("its header is not JSON: " + e.getOriginalMessage());
        }
        if (!header.isObject()) {
            throw damaged("its header is not a JSON object");
        }
        for (var entry : header.properties()) {
            if (entry.getKey().equals("__metadata__")) {
                entry.getValue()
                        .properties()
                        .forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
            } else {
                tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue()));
            }
        }
        checkLayout(dataSize);
    }

    private TensorInfo tensor(String name, JsonNode json) {
        var dtype = dtype(name, json.path("dtype").asText());
        var sizes = json.path("shape");
        var offsets = json.path("data_offsets");
        if (!sizes.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw damaged("'" + name + "' has no shape or no data_offsets");
        }
        var shape = new long[sizes.size()];
        long bytes = dtype.bytes();
        try {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = sizes.get(i).asLong(-1);
                if (!sizes.get(i).isIntegralNumber() || shape[i] < 0) {
                    throw damaged("'" + name + "' has the shape " + sizes);
                }
                bytes = Math.multiplyExact(bytes, shape[i]);
            }
        } catch (ArithmeticException e) {
            throw damaged("'" + name + "' has the shape " + sizes);
        }
        var info =
                new TensorInfo(
                        name, dtype, shape, offsets.get(0).asLong(-1), offsets.get(1).asLong(-1));
        if (info.begin() < 0 || info.end() - info.begin() != bytes) {
            throw damaged(
                    "'"
                            + name
                            + "' of shape "
                            + sizes
                            + " needs "
                            + bytes
                            + " bytes, data_offsets say "
                            + offsets);
        }
        return info;
    }

    private DType dtype(String name, String text) {
        return switch (text) {
            case "F64" -> DType.FLOAT64;
            case "F32" -> DType.FLOAT32;
            case "F16" -> DType.FLOAT16;
            case "BF16" -> DType.BFLOAT16;
            case "I64" -> DType.INT64;
            case "I32" -> DType.INT32;
            case "I16" -> DType.INT16;
            case "I8" -> DType.INT8;
            case "U8" -> DType.UINT8;
            case "BOOL" -> DType.BOOL;
            default ->
                    throw damaged(
                            "'" + name + "' has the dtype '" + text + "', which is not known");
        };
    }

    /** The format asks for data without holes and overlaps. */
    private void checkLayout(long dataSize) {
        long end = 0;
        for (var info :
                tensors.values().stream()
                        .sorted(
                                Comparator.comparingLong(TensorInfo::begin)
                                        .thenComparingLong(TensorInfo::end))
                        .toList()) {
            if (info.begin() != end) {
                throw damaged(
                        "'"
                                + info.name()
                                + "' begins at "
                                + info.begin()
                                + ", the tensor before it ends at "
                                + end);
            }
            end = info.end();
        }
        if (end != dataSize) {
            throw damaged("its tensors end at " + end + ", its data at " + dataSize);
        }
    }

    private MtlException damaged(String reason) {
        return new MtlException(
                file + ": not a whole safetensors file: " + reason + "; fetch or write it again");
    }

    /** The names of all tensors, in the header's order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /** What the file says of itself. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** What a tensor is. */
    public TensorInfo info(String name) {
        var info = tensors.get(name);
        if (info == null) {
            throw new MtlException(file + ": no tensor '" + name + "'");
        }
        return info;
    }

    /** A tensor's bytes, little-endian, in a buffer of their own. */
    public ByteBuffer read(String name) {
        var info = info(name);
        if (info.end() - info.begin() > Integer.MAX_VALUE - 8) {
            throw new MtlException(file + ": '" + name + "' is larger than 2 GiB");
        }
        try {
            return bytes(dataStart + info.begin(), (int) (info.end() - info.begin()));
        } catch (IOException e) {
            throw new MtlException(file + ": '" + name + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private ByteBuffer bytes(long position, int count) throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw damaged("it ends at " + (position + buffer.position()));
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
