package dev.mtl.core.weights;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksums of LevelDB and TensorFlow: CRC-32C, rotated and shifted so that a checksum of
 * checksums stays useful.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/util/crc32c.h">crc32c.h</a>
 */
final class Crc32cMask {
    private static final int DELTA = 0xa282ead8;

    private Crc32cMask() {}

    /** The masked checksum of the remaining bytes, which stay remaining. */
    static int of(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return Integer.rotateRight((int) crc.getValue(), 15) + DELTA;
    }
}
