package dev.mtl.core.weights;

import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A contiguous range of bytes in a file. */
public record FileRegion(long offset, long length) {

    /** Fills the remaining bytes of {@code target}, as many as this region has. */
    public void read(Path file, FileChannel channel, String what, ByteBuffer target) {
        if (target.remaining() != length) {
            throw new IllegalArgumentException(
                    "%s has %d bytes, the buffer has room for %d"
                            .formatted(what, length, target.remaining()));
        }
        var position = offset;
        try {
            while (target.hasRemaining()) {
                var count = channel.read(target, position);
                if (count < 0) {
                    throw new WeightFileException(
                            file, "ends at byte %d, inside %s".formatted(position, what));
                }
                position += count;
            }
        } catch (IOException e) {
            throw new WeightFileException(file, "cannot read " + what + ": " + Reasons.of(e), e);
        }
    }

    /** All bytes of this region, which must be fewer than 2 GiB. */
    public byte[] bytes(Path file, FileChannel channel, String what) {
        var bytes = new byte[Math.toIntExact(length)];
        read(file, channel, what, ByteBuffer.wrap(bytes));
        return bytes;
    }
}
