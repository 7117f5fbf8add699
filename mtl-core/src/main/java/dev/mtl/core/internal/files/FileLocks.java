package dev.mtl.core.internal.files;

import dev.mtl.core.MtlException;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Mutual exclusion between processes, and between the threads of one, by a lock file. */
public final class FileLocks {
    private static final Logger LOG = Loggers.of(FileLocks.class);
    private static final long RETRY_MILLIS = 100;

    private FileLocks() {}

    /** What to do while the lock is held. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException;
    }

    /**
     * Runs {@code work} while no other process and no other thread holds the lock file, which is
     * created if need be and stays.
     *
     * @throws MtlException if the thread is interrupted while it waits
     */
    public static void locked(Path lockFile, Work work) throws IOException {
        Files.createDirectories(lockFile.getParent());
        try (var channel =
                        FileChannel.open(
                                lockFile,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                var lock = lock(channel, lockFile)) {
            LOG.debug("holding {} ({})", lockFile, lock);
            OwnerLock.sign(channel);
            work.run();
        }
    }

    private static FileLock lock(FileChannel channel, Path lockFile) throws IOException {
        var logged = false;
        while (true) {
            try {
                var lock = channel.tryLock(OwnerLock.LOCKED_BYTE, 1, false);
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // Held by another thread of this process: wait as for another process.
                LOG.trace("{} is held by this process", lockFile);
            }
            if (!logged) {
                LOG.info(
                        "waiting for {}, which holds {}",
                        OwnerLock.owner(channel, lockFile),
                        lockFile);
                logged = true;
            }
            try {
                Thread.sleep(RETRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MtlException("interrupted while waiting for " + lockFile, e);
            }
        }
    }
}
