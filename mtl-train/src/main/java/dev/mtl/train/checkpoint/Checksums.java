package dev.mtl.train.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.zip.CRC32C;

/** The CRC-32C of each file of a directory, in a file of the directory. */
final class Checksums {
    private static final String FILE = "checksums.json";
    private static final JsonMapper JSON = new JsonMapper();

    private Checksums() {}

    static void write(Path directory, List<String> files) throws IOException {
        var sums = new LinkedHashMap<String, String>();
        for (var file : files) {
            sums.put(file, sum(directory.resolve(file)));
        }
        Files.writeString(directory.resolve(FILE), JSON.writeValueAsString(sums));
    }

    /**
     * Reads every file.
     *
     * @throws MtlException that names the first file that is missing or has changed
     */
    static void check(Path directory) {
        try {
            var sums = JSON.readTree(directory.resolve(FILE).toFile());
            if (sums.isEmpty()) {
                throw new MtlException(FILE + " is empty");
            }
            for (var entry : sums.properties()) {
                if (!sum(directory.resolve(entry.getKey())).equals(entry.getValue().asText())) {
                    throw new MtlException(entry.getKey() + " has changed since it was written");
                }
            }
        } catch (IOException e) {
            throw new MtlException("cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Whether {@link #check} passes. */
    static boolean fit(Path directory) {
        try {
            check(directory);
            return true;
        } catch (MtlException e) {
            return false;
        }
    }

    private static String sum(Path file) throws IOException {
        var crc = new CRC32C();
        // on the heap: direct buffers of this size, freed only by the collector, add up
        var buffer = new byte[1 << 16];
        try (var in = Files.newInputStream(file)) {
            for (int read; (read = in.read(buffer)) >= 0; ) {
                crc.update(buffer, 0, read);
            }
        }
        return Long.toHexString(crc.getValue());
    }
}
