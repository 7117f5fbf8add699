package dev.mtl.core.internal.files;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.torch.logging.Loggers;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The right to write a directory, which one process has at a time. Who has it stands in the file
 * {@code .NAME.lock} beside the directory: process, host, since when.
 *
 * <p>The operating system's lock on that file decides, and it ends with its process, so that what a
 * killed process leaves behind is no obstacle. Not every network file system passes locks on: what
 * another host has written holds until somebody deletes the file.
 */
public final class OwnerLock implements AutoCloseable {
    private static final Logger LOG = Loggers.of(OwnerLock.class);

    /** Beyond the contents: Windows lets nobody read what is locked. */
    static final long LOCKED_BYTE = 1L << 32;

    /**
     * A system property for each lock of this process, for all class loaders: closing a second
     * channel of a file gives up the process's locks on it, so none is opened.
     */
    private static final String HELD = "mtl.lock.";

    private static final int FIELDS = 3;
    private static final int MAX_RECORD = 1024;

    /** The largest size of the file: nearly full disks, and limits of file sizes, allow that. */
    private static final int SMALLEST_LIMIT = 8192;

    /** Attempts where the file is deleted by its owner between being opened and being locked. */
    private static final int ATTEMPTS = 20;

    private final Path file;
    private final FileChannel channel;

    private OwnerLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock, or refuses at once.
     *
     * @param directory what will be written; need not exist
     * @param advice what to do if another process writes it
     * @throws MtlException if another process, or another thread of this one, has it; names it
     */
    public static OwnerLock acquire(Path directory, String advice) {
        var target = directory.toAbsolutePath().normalize();
        var file = target.resolveSibling("." + target.getFileName() + ".lock");
        try {
            Files.createDirectories(file.getParent());
            for (int i = 0; i < ATTEMPTS; i++) {
                var lock = attempt(target, file, advice);
                if (lock != null) {
                    return lock;
                }
            }
            throw new IOException("it is taken and left by other processes all the time");
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be locked: " + Reasons.of(e), e);
        }
    }

    private static @Nullable OwnerLock attempt(Path target, Path file, String advice)
            throws IOException {
        var own = ownRecord();
        var ofThisProcess = (String) System.getProperties().putIfAbsent(HELD + file, own);
        if (ofThisProcess != null) {
            throw refusal(target, file, ofThisProcess, advice);
        }
        boolean taken = false;
        var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            var owner = read(channel);
            if (channel.tryLock(LOCKED_BYTE, 1, false) == null || isOtherHosts(owner)) {
                throw refusal(target, file, owner, advice);
            }
            if (!owner.isEmpty()) {
                LOG.info("{} was left by {}, which has ended", file, describe(owner, file));
            }
            taken = isAtItsPath(channel, file);
            sign(channel, own);
            return taken ? new OwnerLock(file, channel) : null;
        } finally {
            if (!taken) {
                channel.close();
                System.clearProperty(HELD + file);
            }
        }
    }

    private static MtlException refusal(Path target, Path file, String owner, String advice) {
        return new MtlException(
                "%s is being written by %s; %s".formatted(target, describe(owner, file), advice));
    }

    /**
     * Whether the file that a channel has open is the one at a path, and was not deleted by its
     * owner before it was locked. Told by a size that hardly another file has: opening the file
     * once more, and closing that, would give the lock up.
     */
    private static boolean isAtItsPath(FileChannel channel, Path file) throws IOException {
        long size = ThreadLocalRandom.current().nextLong(MAX_RECORD, SMALLEST_LIMIT);
        channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
        try {
            return Files.size(file) == size;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static String read(FileChannel channel) throws IOException {
        var bytes = ByteBuffer.allocate(MAX_RECORD);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /** Writes who has a lock into its file. */
    static void sign(FileChannel channel) throws IOException {
        sign(channel, ownRecord());
    }

    private static void sign(FileChannel channel, String own) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(own.getBytes(StandardCharsets.UTF_8)), 0);
    }

    /** Who has a lock, as its open file says. */
    static String owner(FileChannel channel, Path file) throws IOException {
        return describe(read(channel), file);
    }

    private static String ownRecord() {
        return "%d %s %s\n"
                .formatted(
                        ProcessHandle.current().pid(),
                        host(),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private static boolean isOtherHosts(String owner) {
        var fields = owner.strip().split(" ", -1);
        return fields.length == FIELDS && !fields[1].equals(host());
    }

    private static String describe(String owner, Path file) {
        var fields = owner.strip().split(" ", -1);
        if (fields.length != FIELDS) {
            return "another process";
        }
        var who = "process %s on %s since %s".formatted(fields[0], fields[1], fields[2]);
        return fields[1].equals(host()) ? who : who + " (if it has ended, delete " + file + ")";
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replace(' ', '_');
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Gives the directory free. */
    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(file);
            System.clearProperty(HELD + file);
        } catch (IOException e) {
            LOG.debug("{} cannot be deleted", file, e);
        }
    }
}
