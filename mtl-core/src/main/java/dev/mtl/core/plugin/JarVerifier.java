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
 * Reads a jar through once. A class loader takes what is no jar for an empty one in silence, and
 * does not look at checksums: a class of a damaged jar could be another one.
 */
final class JarVerifier {
    /** Deflate makes at most 1 of 1,032 bytes; code stays far below that. */
    private static final long MOST_TO_ONE = 200;

    private static final long ALWAYS_ALLOWED = 1 << 20;

    private JarVerifier() {}

    /**
     * Checks all entries.
     *
     * @throws IOException if it is no jar, an entry is not what its checksum says, or it unpacks to
     *     far more than its size; says what
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
