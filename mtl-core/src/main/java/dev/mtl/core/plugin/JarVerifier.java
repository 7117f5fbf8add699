package dev.mtl.core.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;

/**
 * Verifies a jar by reading all of it once. A class loader silently treats a file that is not a jar
 * as an empty one and ignores checksums, so it could load a damaged class.
 */
final class JarVerifier {
    /** Deflate compresses at most 1,032 bytes to one; class files stay far below that ratio. */
    private static final long MOST_TO_ONE = 200;

    private static final long ALWAYS_ALLOWED = 1 << 20;

    private JarVerifier() {}

    /**
     * Checks all entries.
     *
     * @throws IOException if the file is not a jar, an entry's checksum differs, or the jar unpacks
     *     to far more than its size; the message says which
     */
    static void require(Path path) throws IOException {
        long room = ALWAYS_ALLOWED + MOST_TO_ONE * Files.size(path);
        try (var jar = new JarFile(path.toFile())) {
            var buffer = new byte[1 << 14];
            for (var entry : Collections.list(jar.entries())) {
                try (var in = jar.getInputStream(entry)) {
                    if (in == null) {
                        throw new ZipException("'" + entry.getName() + "' cannot be found in it");
                    }
                    room -= read(in, entry, room, buffer);
                }
            }
        } catch (IllegalArgumentException | SecurityException e) {
            // names and manifests that do not decode
            throw new IOException(e.getMessage(), e);
        }
    }

    private static long read(InputStream in, ZipEntry entry, long room, byte[] buffer)
            throws IOException {
        var crc = new CRC32();
        long bytes = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            crc.update(buffer, 0, count);
            bytes += count;
            if (bytes > room) {
                throw new ZipException("it unpacks to far more than its size");
            }
        }
        if (crc.getValue() != entry.getCrc()) {
            throw new ZipException("'" + entry.getName() + "' is damaged: its checksum differs");
        }
        return bytes;
    }
}
