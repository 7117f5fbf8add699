package dev.mtl.core.internal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The masked CRC-32C that LevelDB tables, TensorFlow checkpoints and TFRecord files store: rotated
 * and offset, so that the CRC of data that contains CRCs stays meaningful.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/util/crc32c.h">crc32c.h</a>
 */
public final class MaskedCrc32c {
    private static final int DELTA = 0xa282ead8;

    private MaskedCrc32c() {}

    /** The checksum of the remaining bytes; the buffer's position does not change. */
    public static int of(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return Integer.rotateRight((int) crc.getValue(), 15) + DELTA;
    }
}
