package dev.mtl.core.store;

import dev.mtl.core.MtlException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Folders that appear whole or not at all, made by one process at a time. */
final class Folders {
    private static final Logger LOG = LoggerFactory.getLogger(Folders.class);
    private static final long RETRY_MILLIS = 100;

    private Folders() {}

    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    @FunctionalInterface
    interface Maker {
        /**
         * Fills {@code result}, which becomes the folder; {@code scratch} is deleted. Both are
         * empty and on the same file system.
         */
        void make(Path result, Path scratch) throws IOException;
    }

    /** Runs {@code work} while no other process and no other thread holds the lock file. */
    static void locked(Path lockFile, Work work) throws IOException {
        Files.createDirectories(lockFile.getParent());
        try (var channel =
                        FileChannel.open(
                                lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = lock(channel, lockFile)) {
            LOG.debug("holding {} ({})", lockFile, lock);
            work.run();
        }
    }

    private static FileLock lock(FileChannel channel, Path lockFile) throws IOException {
        var told = false;
        while (true) {
            try {
                var lock = channel.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // Another thread of this process holds it: wait as for another process.
                LOG.trace("{} is held by this process", lockFile);
            }
            if (!told) {
                LOG.info("waiting for another process that holds {}", lockFile);
                told = true;
            }
            try {
                Thread.sleep(RETRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MtlException("interrupted while waiting for " + lockFile, e);
            }
        }
    }

    /**
     * Makes a folder beside its place and renames it there, replacing what was there. The caller
     * holds the lock for {@code target}; what a killed process left behind is removed.
     */
    static void replace(Path target, Maker maker) throws IOException {
        var prefix = "." + target.getFileName() + ".partial";
        var parent = Objects.requireNonNull(target.toAbsolutePath().getParent(), "a root folder");
        try (var siblings = Files.list(parent)) {
            for (var stale :
                    siblings.filter(p -> p.getFileName().toString().startsWith(prefix)).toList()) {
                delete(stale);
            }
        }
        var staging = Files.createDirectory(target.resolveSibling(prefix));
        try {
            var result = Files.createDirectory(staging.resolve("result"));
            var scratch = Files.createDirectory(staging.resolve("scratch"));
            maker.make(result, scratch);
            flush(result);
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(target, staging.resolve("old"), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(result, target, StandardCopyOption.ATOMIC_MOVE);
            flushFolder(parent);
        } finally {
            delete(staging);
        }
    }

    private static void flush(Path folder) throws IOException {
        for (var path : tree(folder)) {
            if (Files.isDirectory(path)) {
                flushFolder(path);
            } else {
                try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
    }

    private static void flushFolder(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOG.debug("this system does not flush folders: {}", folder, e);
        }
    }

    static void delete(Path folder) throws IOException {
        for (var path : tree(folder)) {
            Files.delete(path);
        }
    }

    /** A folder and all in it, the deepest first. */
    private static List<Path> tree(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
