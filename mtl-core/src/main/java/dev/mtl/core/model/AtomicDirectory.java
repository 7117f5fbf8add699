package dev.mtl.core.model;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Objects;

/** Directories that are there whole or not at all. */
public final class AtomicDirectory {
    private AtomicDirectory() {}

    /** Fills a new directory. */
    public interface Filler {
        void fill(Path staging) throws IOException;
    }

    /**
     * Puts a new directory in the place of an old one, if there is one, once it is filled and on
     * disk.
     *
     * @throws MtlException if it cannot be written; the old one is then as it was
     */
    public static void replace(Path directory, Filler filler) {
        var target = directory.toAbsolutePath().normalize();
        var staging = target.resolveSibling(target.getFileName() + ".writing");
        var previous = target.resolveSibling(target.getFileName() + ".previous");
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
            // what it replaces may go only when a power cut cannot undo the move
            syncDirectory(Objects.requireNonNull(target.getParent()));
            deleteAll(previous);
        } catch (IOException | UncheckedIOException | MtlException e) {
            try {
                restore(previous, target);
                deleteAll(staging);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw new MtlException(target + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Undoes a replacement that ended between its two moves, such as by a power cut. */
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

    /** Has the names in a directory on disk, as far as the system can. */
    private static void syncDirectory(Path directory) throws IOException {
        try {
            sync(directory, StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            if (!System.getProperty("os.name", "").startsWith("Windows")) {
                throw e;
            } // which opens no directories
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (var channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /**
     * Whether a new directory can be written there without deleting anything: nothing is there, or
     * an empty directory.
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
            throw new MtlException(directory + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Deletes a directory with all that is in it, if it is there.
     *
     * @throws MtlException if something cannot be deleted
     */
    public static void delete(Path directory) {
        try {
            deleteAll(directory);
        } catch (IOException e) {
            throw new MtlException(directory + ": cannot be deleted: " + e.getMessage(), e);
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
