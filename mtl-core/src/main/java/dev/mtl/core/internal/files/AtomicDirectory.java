package dev.mtl.core.internal.files;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Objects;

/** Replaces directories atomically, and durably: after a crash the old or the new one is there. */
public final class AtomicDirectory {
    private static final String STAGING = ".writing";
    private static final String PREVIOUS = ".previous";

    private static final String CANNOT_BE_WRITTEN = ": cannot be written: ";

    private AtomicDirectory() {}

    /** Writes the files of a new directory. */
    @FunctionalInterface
    public interface Filler {
        void fill(Path staging) throws IOException;
    }

    /**
     * Creates or replaces a directory. {@code filler} writes into an empty sibling, {@code
     * NAME.writing}; once that is flushed to the disk it takes the place of the old directory. What
     * an earlier call that was killed has left behind is cleaned up first.
     *
     * <p>Two processes must not replace the same directory at the same time; see {@link FileLocks}.
     *
     * @throws MtlException if it cannot be written, or as {@code filler} throws it; the old
     *     directory is then unchanged
     */
    public static void replace(Path directory, Filler filler) {
        var target = directory.toAbsolutePath().normalize();
        var staging = target.resolveSibling(target.getFileName() + STAGING);
        var previous = target.resolveSibling(target.getFileName() + PREVIOUS);
        try {
            restore(previous, target);
            deleteAll(staging);
            Files.createDirectories(staging);
            filler.fill(staging);
            syncAll(staging);
            deleteAll(previous);
            if (Files.exists(target)) {
                Files.move(target, previous);
            }
            Files.move(staging, target);
            // The old directory may go only once a power cut can no longer undo the move.
            syncDirectory(Objects.requireNonNull(target.getParent()));
            deleteAll(previous);
        } catch (IOException | UncheckedIOException e) {
            cleanUp(previous, target, staging, e);
            throw new MtlException(target + CANNOT_BE_WRITTEN + reason(e), e);
        } catch (MtlException e) {
            cleanUp(previous, target, staging, e);
            // A user knows the directory that was asked for, not the one that it is written into.
            throw String.valueOf(e.getMessage()).startsWith(staging.toString())
                    ? new MtlException(target + CANNOT_BE_WRITTEN + e.getMessage(), e)
                    : e;
        } catch (RuntimeException e) {
            cleanUp(previous, target, staging, e);
            throw e;
        }
    }

    private static String reason(Exception e) {
        return e instanceof IOException io ? Reasons.of(io) : String.valueOf(e.getMessage());
    }

    /** Whether a directory of this name is what a killed {@link #replace} has left behind. */
    public static boolean isLeftover(Path directory) {
        var name = directory.getFileName().toString();
        return name.endsWith(STAGING) || name.endsWith(PREVIOUS);
    }

    private static void cleanUp(Path previous, Path target, Path staging, Exception failure) {
        try {
            restore(previous, target);
            deleteAll(staging);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Undoes a replacement that ended between its two moves, for instance by a power cut. */
    private static void restore(Path previous, Path target) throws IOException {
        if (Files.exists(previous) && !Files.exists(target)) {
            Files.move(previous, target);
        }
    }

    private static void syncAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.isDirectory(file)) {
                    syncDirectory(file);
                } else {
                    sync(file, StandardOpenOption.WRITE);
                }
            }
        }
    }

    /** Flushes the entries of a directory, as far as the operating system supports it. */
    private static void syncDirectory(Path directory) throws IOException {
        try {
            sync(directory, StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            // Windows opens no directories.
            if (!System.getProperty("os.name", "").startsWith("Windows")) {
                throw e;
            }
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (var channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /**
     * Whether a directory can be written there without deleting anything: the path does not exist,
     * or is an empty directory.
     *
     * @throws MtlException if it cannot be read
     */
    public static boolean isFree(Path directory) {
        if (!Files.isDirectory(directory)) {
            return !Files.exists(directory);
        }
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new MtlException(directory + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /**
     * Deletes a directory and everything in it, if it exists.
     *
     * @throws MtlException if something cannot be deleted
     */
    public static void delete(Path directory) {
        try {
            deleteAll(directory);
        } catch (IOException e) {
            throw new MtlException(directory + ": cannot be deleted: " + Reasons.of(e), e);
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
