package dev.mtl.natives;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The folder in the cache into which the jars' libraries are unpacked, all into one folder, so that
 * they find each other.
 *
 * <p>It appears complete or not at all: the files are written into a temporary folder, which is
 * renamed when everything is on disk. Other threads and processes wait for a file lock meanwhile,
 * and then find the folder.
 */
final class UnpackedFolder {
    private static final int BUFFER = 1 << 20;

    /** The interval for polling a lock that another thread of this process holds. */
    private static final long LOCK_POLL_MILLIS = 20;

    private final Path parent;
    private final MavenJars jars;
    private final Path folder;
    private final Consumer<String> log;

    /**
     * @param parent the folder that has one folder per LibTorch
     * @param jars what to unpack
     * @param log is told that files are being unpacked, which takes a few seconds, and why
     */
    UnpackedFolder(Path parent, MavenJars jars, Consumer<String> log) {
        this.parent = parent;
        this.jars = jars;
        this.log = log;
        this.folder = parent.resolve(jars.folderName());
    }

    /** The folder with all files, unpacked now if it did not exist or was damaged. */
    Path provide() {
        try {
            if (isWhole()) {
                return folder;
            }
            Files.createDirectories(parent);
            var lockFile = parent.resolve("." + jars.folderName() + ".lock");
            try (var channel =
                            FileChannel.open(
                                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = lock(channel)) {
                if (!lock.isValid()) {
                    throw new IOException("lost the lock on " + lockFile);
                }
                if (!isWhole()) {
                    deleteLeftovers();
                    unpack();
                }
            }
            return folder;
        } catch (IOException e) {
            throw new NativeLibraryException(
                    "LibTorch (%s) cannot be unpacked into %s: %s; set MTL_CACHE to a writable folder with enough space, or point %s at a LibTorch"
                            .formatted(
                                    megabytes(jars.totalSize()),
                                    folder,
                                    reason(e),
                                    LibTorchHome.VARIABLE),
                    e);
        }
    }

    /** See {@link LibTorchHome#verifyChecksums()}. */
    static List<String> verifyChecksums(Path folder) {
        try {
            var manifest = Manifest.read(folder);
            return manifest.isPresent()
                    ? manifest.get().damage(folder)
                    : List.of(folder.resolve(Manifest.FILE_NAME) + " is missing or damaged");
        } catch (IOException e) {
            throw new NativeLibraryException(
                    "the files in %s cannot be checked: %s".formatted(folder, reason(e)), e);
        }
    }

    /**
     * Whether the files are those that were unpacked: by their sizes, and by their contents where a
     * file was changed since they were last compared.
     */
    private boolean isWhole() throws IOException {
        var manifest = Manifest.read(folder);
        if (manifest.isEmpty() || !manifest.get().sizesMatch(folder)) {
            return false;
        }
        var times = new ComparedTimes(folder);
        if (times.match(manifest.get())) {
            return true;
        }
        if (!manifest.get().damage(folder).isEmpty()) {
            return false;
        }
        times.write(manifest.get());
        return true;
    }

    /** File locks belong to processes: a second thread gets an exception and has to poll. */
    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                try {
                    Thread.sleep(LOCK_POLL_MILLIS);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while waiting for the lock", interrupted);
                }
            }
        }
    }

    private void unpack() throws IOException {
        log.accept(
                "unpacking LibTorch %s for %s (%s) into %s, once"
                        .formatted(
                                jars.version(),
                                jars.classifier(),
                                megabytes(jars.totalSize()),
                                folder));
        // Not by its FileStore, which in a chroot has no line in the table of mounts.
        long free = parent.toFile().getUsableSpace();
        if (free < jars.totalSize()) {
            throw new IOException("only " + megabytes(free) + " are free there");
        }
        var temporary = Files.createDirectory(sibling());
        try {
            var lines = new ArrayList<Manifest.Line>();
            for (var file : jars.files()) {
                lines.add(copy(file, temporary.resolve(file.name())));
            }
            var manifest = new Manifest(lines);
            manifest.write(temporary);
            if (Files.exists(folder)) {
                // Damaged. Moved away, not overwritten: another process may have it loaded.
                log.accept(folder + " is damaged; replacing it");
                Files.move(folder, sibling(), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            new ComparedTimes(folder).write(manifest);
        } finally {
            deleteLeftovers();
        }
    }

    private Path sibling() {
        return parent.resolve(leftoverPrefix() + UUID.randomUUID());
    }

    private String leftoverPrefix() {
        return "." + jars.folderName() + ".tmp-";
    }

    /** Copies one file from its jar to the disk and syncs it. */
    private static Manifest.Line copy(MavenJars.NativeFile file, Path target) throws IOException {
        var digest = Sha256.digest();
        long size = 0;
        try (var zip = file.jar().open()) {
            var entry = zip.getEntry(file.entry());
            if (entry == null) {
                throw new IOException(file.jar() + " no longer has " + file.entry());
            }
            try (var in = zip.getInputStream(entry);
                    var out = Files.newOutputStream(target)) {
                var buffer = new byte[BUFFER];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                    out.write(buffer, 0, n);
                    size += n;
                }
            }
        }
        try (var channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        if (size != file.size()) {
            throw new IOException(
                    "%s in %s has %d bytes, not %d"
                            .formatted(file.entry(), file.jar(), size, file.size()));
        }
        return new Manifest.Line(Sha256.hex(digest), size, file.name());
    }

    /** Deletes leftovers of processes that died; under the lock nobody else is unpacking. */
    private void deleteLeftovers() throws IOException {
        List<Path> leftovers;
        try (var children = Files.list(parent)) {
            leftovers =
                    children.filter(p -> p.getFileName().toString().startsWith(leftoverPrefix()))
                            .toList();
        }
        for (var leftover : leftovers) {
            try (var tree = Files.walk(leftover)) {
                for (var path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%d MB", bytes / 1_000_000);
    }

    /** The message of most file system exceptions is only the path. */
    private static String reason(IOException e) {
        if (e instanceof FileSystemException f && f.getReason() == null) {
            return f.getClass().getSimpleName() + ": " + f.getMessage();
        }
        return String.valueOf(e.getMessage());
    }
}
