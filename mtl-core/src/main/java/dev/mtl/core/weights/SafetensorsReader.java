package dev.mtl.core.weights;

import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/** Reads a {@code .safetensors} file. The header is checked in full when the file is opened. */
public final class SafetensorsReader implements SafetensorsSource {
    private final Path file;
    private final FileChannel channel;
    private final SafetensorsHeader header;

    private SafetensorsReader(Path file, FileChannel channel, SafetensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens a file and validates its header: lengths, bounds, overlaps, types, shapes against
     * sizes, duplicate names.
     *
     * @throws WeightFileException if the file is missing, damaged, or has a type that is not
     *     supported
     */
    public static SafetensorsReader open(Path file) {
        try {
            var channel = FileChannel.open(file);
            try {
                return new SafetensorsReader(file, channel, SafetensorsHeader.parse(file, channel));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new WeightFileException(file, "no such file", e);
        } catch (IOException e) {
            throw new WeightFileException(file, "cannot be read: " + Reasons.of(e), e);
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(header.tensors());
    }

    /** The free-form strings of the header, such as {@code format: pt}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    @Override
    public void read(String name, ByteBuffer target) {
        var region = header.regions().get(info(name).name());
        if (region != null) {
            region.read(file, channel, "tensor '" + name + "'", target);
        }
    }

    @Override
    public void read(String name, long offset, ByteBuffer target) {
        var info = info(name);
        if (offset < 0 || target.remaining() > info.bytes() - offset) {
            throw new WeightFileException(
                    file,
                    "tensor '%s' has %d bytes, not %d from byte %d"
                            .formatted(name, info.bytes(), target.remaining(), offset));
        }
        var region = header.regions().get(name);
        if (region != null) {
            new FileRegion(region.offset() + offset, target.remaining())
                    .read(file, channel, "tensor '" + name + "'", target);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
