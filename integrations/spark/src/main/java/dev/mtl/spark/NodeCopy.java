package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.FileLocks;
import dev.mtl.core.internal.files.Sha256;
import dev.mtl.torch.logging.Loggers;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * A model's folder on a Hadoop file system, copied once into the cache of the node: the first
 * executor copies, the others of the node wait for it. A folder whose files have changed is copied
 * anew, beside the older copy.
 */
final class NodeCopy {
    private static final Logger LOG = Loggers.of(NodeCopy.class);
    private static final int KEY_DIGITS = 16;

    private final FileSystem fileSystem;

    /** By the path below the folder. */
    private final TreeMap<String, FileStatus> files = new TreeMap<>();

    private NodeCopy(FileSystem fileSystem, org.apache.hadoop.fs.Path folder) throws IOException {
        this.fileSystem = fileSystem;
        var root = path(fileSystem.getFileStatus(folder));
        var all = fileSystem.listFiles(folder, true);
        while (all.hasNext()) {
            var file = all.next();
            files.put(path(file).substring(root.length() + 1), file);
        }
    }

    private static String path(FileStatus file) {
        return file.getPath().toUri().getPath();
    }

    /**
     * The copy of a folder.
     *
     * @param uri of the folder
     * @param cache MTL's folder of this node
     * @throws ConfigurationException if there is no such folder
     * @throws MtlException if it cannot be read, or the copy not be written
     */
    static Path of(String uri, Configuration hadoop, Path cache) {
        var folder = new org.apache.hadoop.fs.Path(uri);
        try {
            return new NodeCopy(folder.getFileSystem(hadoop), folder).in(cache, folder.getName());
        } catch (FileNotFoundException e) {
            throw new ConfigurationException("no model: there is no folder " + uri, e);
        } catch (IOException e) {
            throw new MtlException(uri + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private Path in(Path cache, String name) throws IOException {
        var folder = cache.resolve("spark-models");
        var target = folder.resolve(name + "-" + key());
        if (!Files.isDirectory(target)) {
            FileLocks.locked(
                    folder.resolve(".locks").resolve(target.getFileName()),
                    () -> {
                        if (!Files.isDirectory(target)) {
                            LOG.info("copying {} files to {}, once", files.size(), target);
                            AtomicDirectory.replace(target, this::copy);
                        }
                    });
        }
        return target;
    }

    /** Of the files' paths, sizes and times. */
    private String key() {
        var digest = Sha256.digest();
        files.forEach(
                (path, file) ->
                        digest.update(
                                "%s %d %d%n"
                                        .formatted(
                                                file.getPath(),
                                                file.getLen(),
                                                file.getModificationTime())
                                        .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_DIGITS);
    }

    private void copy(Path staging) throws IOException {
        for (var entry : files.entrySet()) {
            var target = staging.resolve(entry.getKey());
            Files.createDirectories(target.getParent());
            try (var in = fileSystem.open(entry.getValue().getPath())) {
                Files.copy(in, target);
            }
        }
    }
}
