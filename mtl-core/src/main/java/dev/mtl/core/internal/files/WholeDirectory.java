package dev.mtl.core.internal.files;

import dev.mtl.core.MtlException;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Reads directories that {@link AtomicDirectory} may replace meanwhile: all files of the old one or
 * all files of the new one, never some of each.
 */
public final class WholeDirectory {
    private static final Logger LOG = Loggers.of(WholeDirectory.class);
    private static final int ATTEMPTS = 20;

    /** Between the two moves of a replacement there is no directory. */
    private static final long GAP_MILLIS = 50;

    private WholeDirectory() {}

    /**
     * Reads a directory, and reads it again if it was replaced before it was read.
     *
     * @param read what it gives must be closed by the caller, if it must be closed
     * @throws MtlException if it is replaced during each of many attempts
     */
    public static <T> T read(Path directory, Supplier<T> read) {
        for (int i = 0; i < ATTEMPTS; i++) {
            var before = identity(directory);
            try {
                var result = read.get();
                if (before.equals(identity(directory))) {
                    return result;
                }
                close(result);
            } catch (MtlException e) {
                if (before.equals(identity(directory))) {
                    throw e;
                }
            }
            LOG.debug("{} was replaced while it was read; reading it again", directory);
        }
        throw new MtlException(
                "%s: was replaced %d times while it was read; try again once nothing writes it"
                        .formatted(directory, ATTEMPTS));
    }

    private static void close(Object result) {
        if (result instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new MtlException("cannot be closed: " + e.getMessage(), e);
            }
        }
    }

    /** Another one after a replacement; "none" if there is no directory, even after a moment. */
    private static String identity(Path directory) {
        for (int i = 0; i < 2; i++) {
            try {
                var attributes = Files.readAttributes(directory, BasicFileAttributes.class);
                return Objects.requireNonNullElse(attributes.fileKey(), "")
                        + " "
                        + attributes.creationTime();
            } catch (IOException e) {
                pause();
            }
        }
        return "none";
    }

    private static void pause() {
        try {
            Thread.sleep(GAP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
