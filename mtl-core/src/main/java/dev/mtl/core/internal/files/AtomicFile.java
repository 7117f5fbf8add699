package dev.mtl.core.internal.files;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Replaces files atomically: a reader sees the old file or the new one, never a part of it. */
public final class AtomicFile {
    private AtomicFile() {}

    /** Writes the new file to a temporary path. */
    @FunctionalInterface
    public interface PathWriter {
        void write(Path temporary) throws IOException;
    }

    /** Writes the text of the new file. */
    @FunctionalInterface
    public interface TextWriter {
        void write(BufferedWriter out) throws IOException;
    }

    /**
     * Creates or replaces a file. {@code writer} fills a sibling of it, {@code NAME.writing}, which
     * is then renamed. Nothing is flushed to the disk here: a writer whose file must survive a
     * power cut does so itself.
     *
     * @throws IOException if writing fails; the file is then unchanged
     */
    public static void replace(Path file, PathWriter writer) throws IOException {
        var target = file.toAbsolutePath();
        var temporary = target.resolveSibling(target.getFileName() + ".writing");
        try {
            writer.write(temporary);
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            deleteTemporary(temporary, e);
            throw e;
        }
    }

    /** {@link #replace} for a text file in UTF-8. */
    public static void replaceText(Path file, TextWriter writer) throws IOException {
        replace(
                file,
                temporary -> {
                    try (var out = Files.newBufferedWriter(temporary)) {
                        writer.write(out);
                    }
                });
    }

    private static void deleteTemporary(Path temporary, Exception failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
