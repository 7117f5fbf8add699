package dev.mtl.core.weights;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.torch.DType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * Writes safetensors files, one tensor after the other, so that only one is in memory at a time.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsWriter {
    private SafetensorsWriter() {}

    /**
     * A tensor to write.
     *
     * @param bytes gives its elements, little-endian, row by row, when they are needed
     */
    public record Source(DType dtype, long[] shape, Supplier<ByteBuffer> bytes) {
        public Source {
            shape = shape.clone();
        }

        @Override
        public long[] shape() {
            return shape.clone();
        }

        private long size() {
            long size = dtype.bytes();
            for (long dimension : shape) {
                size = Math.multiplyExact(size, dimension);
            }
            return size;
        }
    }

    /**
     * Writes a file: under another name first, on disk before it takes its own.
     *
     * @throws MtlException if it cannot be written
     */
    public static void write(
            Path file, Map<String, String> metadata, SequencedMap<String, Source> tensors) {
        var temporary = file.resolveSibling(file.getFileName() + ".writing");
        try {
            try (var channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                writeAll(channel, header(metadata, tensors));
                for (var entry : tensors.entrySet()) {
                    var bytes = entry.getValue().bytes().get();
                    if (bytes.remaining() != entry.getValue().size()) {
                        throw new IllegalArgumentException(
                                "'"
                                        + entry.getKey()
                                        + "' gave "
                                        + bytes.remaining()
                                        + " bytes, its shape needs "
                                        + entry.getValue().size());
                    }
                    writeAll(channel, bytes);
                }
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw new MtlException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static ByteBuffer header(
            Map<String, String> metadata, SequencedMap<String, Source> tensors) throws IOException {
        var json = new LinkedHashMap<String, Object>();
        if (!metadata.isEmpty()) {
            json.put("__metadata__", metadata);
        }
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            long end = offset + entry.getValue().size();
            var tensor = new LinkedHashMap<String, Object>();
            tensor.put("dtype", code(entry.getValue().dtype()));
            tensor.put("shape", entry.getValue().shape());
            tensor.put("data_offsets", List.of(offset, end));
            json.put(entry.getKey(), tensor);
            offset = end;
        }
        var text = new StringBuilder(JsonMapper.builder().build().writeValueAsString(json));
        // Spaces up to a multiple of eight, so that the data is aligned.
        while (text.toString().getBytes(StandardCharsets.UTF_8).length % 8 != 0) {
            text.append(' ');
        }
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .flip();
    }

    private static String code(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> "F64";
            case FLOAT32 -> "F32";
            case FLOAT16 -> "F16";
            case BFLOAT16 -> "BF16";
            case INT64 -> "I64";
            case INT32 -> "I32";
            case INT16 -> "I16";
            case INT8 -> "I8";
            case UINT8 -> "U8";
            case BOOL -> "BOOL";
        };
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
