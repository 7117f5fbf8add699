package dev.mtl.core.weights;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@code .safetensors} file, byte for byte as the reference implementation does for the
 * same tensors: wide element types first, then by name, the header padded to eight bytes.
 *
 * <p>The file appears whole or not at all: it is written beside its place, flushed to the disk, and
 * renamed.
 */
public final class SafetensorsWriter {

    /** What PyTorch's own readers ask for. */
    public static final Map<String, String> PYTORCH = Map.of("format", "pt");

    private static final JsonMapper JSON = new JsonMapper();

    /** Gives the elements of a tensor when its turn has come. */
    @FunctionalInterface
    public interface Elements {
        /**
         * The elements, row-major and little-endian, as the remaining bytes of a buffer that is not
         * used after the next call.
         */
        ByteBuffer of(TensorInfo tensor);
    }

    private SafetensorsWriter() {}

    /**
     * Writes {@code tensors}, asking for the elements of one after the other, so that no more than
     * one is in memory; {@code metadata} is usually {@link #PYTORCH}.
     *
     * @throws WeightFileException if the file cannot be written
     * @throws IllegalArgumentException if a name is given twice or elements have the wrong size
     */
    public static void write(
            Path file,
            Collection<TensorInfo> tensors,
            Map<String, String> metadata,
            Elements elements) {
        var sorted =
                tensors.stream()
                        .sorted(
                                Comparator.comparingInt(
                                                (TensorInfo t) -> -SafetensorsTypes.rank(t.dtype()))
                                        .thenComparing(TensorInfo::name))
                        .toList();
        var names = new HashSet<String>();
        for (var tensor : sorted) {
            if (tensor.name().equals("__metadata__")) {
                throw new IllegalArgumentException("no tensor can be named __metadata__");
            }
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor '" + tensor.name() + "' given twice");
            }
        }
        try {
            AtomicFile.replace(
                    file, temporary -> writeFlushed(temporary, sorted, metadata, elements));
        } catch (IOException e) {
            throw new WeightFileException(file, "cannot be written: " + Reasons.of(e), e);
        }
    }

    private static void writeFlushed(
            Path file, List<TensorInfo> tensors, Map<String, String> metadata, Elements elements)
            throws IOException {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            writeAll(channel, header(tensors, metadata));
            for (var tensor : tensors) {
                var buffer = elements.of(tensor);
                if (buffer.remaining() != tensor.bytes()) {
                    throw new IllegalArgumentException(
                            "%s needs %d bytes, got %d"
                                    .formatted(tensor, tensor.bytes(), buffer.remaining()));
                }
                writeAll(channel, buffer);
            }
            channel.force(true);
        }
    }

    private static ByteBuffer header(List<TensorInfo> tensors, Map<String, String> metadata)
            throws IOException {
        var root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            root.set("__metadata__", JSON.valueToTree(metadata));
        }
        var offset = 0L;
        for (var tensor : tensors) {
            var end = Math.addExact(offset, tensor.bytes());
            var node = root.putObject(tensor.name());
            node.put("dtype", SafetensorsTypes.nameOf(tensor.dtype()));
            var shape = node.putArray("shape");
            for (var size : tensor.shape()) {
                shape.add(size);
            }
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        var text = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        var padded = (text.length + 7) / 8 * 8;
        var header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(text);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
