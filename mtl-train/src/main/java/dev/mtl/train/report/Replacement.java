package dev.mtl.train.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file beside another and then puts it there, so that who reads it sees one whole. */
final class Replacement {
    private Replacement() {}

    /** Fills the new file. */
    interface Filler {
        void fill(BufferedWriter out) throws IOException;
    }

    /** Replaces a file, or makes it; if that fails, it is as it was. */
    static void write(Path file, Filler filler) throws IOException {
        var target = file.toAbsolutePath();
        var staging = target.resolveSibling(target.getFileName() + ".writing");
        try {
            try (var out = Files.newBufferedWriter(staging)) {
                filler.fill(out);
            }
            Files.move(
                    staging,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(staging);
            throw e;
        }
    }
}
