package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.FileLocks;
import dev.mtl.core.internal.files.Sha256;
import dev.mtl.core.store.StoreSettings;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;

/**
 * Where a training has its rows, model and run. In a folder that all nodes see, they are there. On
 * a Hadoop file system they are copies of what a folder of each node has; the path of that folder
 * is the same on all nodes, as a training needs it.
 *
 * @param output the model's folder or URI; {@code OUTPUT.run} and {@code OUTPUT.rows} are beside it
 * @param hadoop how the file system is reached; null for a folder
 */
record TrainingFolder(String output, @Nullable SerializableConfiguration hadoop)
        implements Serializable {
    private static final String ROWS = ".rows";
    private static final String RUN = ".run";
    private static final String LOCK = ".lock";
    private static final int KEY_DIGITS = 16;

    /** What is kept of a run: the model, its checkpoints and records. */
    private static final List<String> KEPT = List.of("", RUN);

    /**
     * The place of a training.
     *
     * @param output a folder, or the URI of one
     */
    static TrainingFolder of(String output, Configuration hadoop) {
        return ModelLocation.isRemote(output)
                ? new TrainingFolder(output, new SerializableConfiguration(hadoop))
                : new TrainingFolder(
                        java.nio.file.Path.of(ModelLocation.withoutScheme(output))
                                .toAbsolutePath()
                                .toString(),
                        null);
    }

    /** Where Spark writes the rows; a URI. */
    String rowsUri() {
        return hadoop == null
                ? java.nio.file.Path.of(output + ROWS).toUri().toString()
                : output + ROWS;
    }

    /**
     * Checks that no model of a Hadoop file system would be lost. Process 0 checks folders.
     *
     * @throws ConfigurationException if there is one
     */
    void requireFree() {
        if (hadoop == null) {
            return;
        }
        try {
            var model = new Path(output);
            if (model.getFileSystem(conf()).exists(model)) {
                throw new ConfigurationException(
                        output
                                + " is there already: setOverwrite(true) replaces it,"
                                + " setResume(true) goes on with it, or set another output");
            }
        } catch (IOException e) {
            throw new MtlException(output + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Deletes the rows that Spark has written. */
    void deleteRows() {
        try {
            var rows = new Path(rowsUri());
            var conf = hadoop == null ? new Configuration() : hadoop.value();
            rows.getFileSystem(conf).delete(rows, true);
        } catch (IOException e) {
            throw new MtlException(rowsUri() + ": cannot be deleted: " + Reasons.of(e), e);
        }
    }

    /** The model's folder on this node. */
    java.nio.file.Path model() {
        if (hadoop == null) {
            return java.nio.file.Path.of(output);
        }
        var digest = Sha256.digest();
        digest.update(output.getBytes(StandardCharsets.UTF_8));
        var key = HexFormat.of().formatHex(digest.digest()).substring(0, KEY_DIGITS);
        return StoreSettings.standard()
                .cache()
                .resolve("spark-training")
                .resolve(key)
                .resolve(new Path(output).getName());
    }

    /**
     * The folder of the rows on this node, copied first if need be: once a node.
     *
     * @param fit says whether a copy is of this training
     */
    java.nio.file.Path rows(String fit) {
        var rows = beside(ROWS);
        if (hadoop == null) {
            return rows;
        }
        var mark = rows.resolve("fit");
        try {
            FileLocks.locked(
                    beside(LOCK),
                    () -> {
                        if (!Files.exists(mark) || !Files.readString(mark).equals(fit)) {
                            AtomicDirectory.replace(
                                    rows,
                                    staging -> {
                                        copyHere(new Path(rowsUri()), staging);
                                        Files.writeString(staging.resolve("fit"), fit);
                                    });
                        }
                    });
        } catch (IOException e) {
            throw new MtlException(rowsUri() + ": cannot be copied: " + Reasons.of(e), e);
        }
        return rows;
    }

    /** The folder of checkpoints and records on this node. */
    java.nio.file.Path run() {
        return beside(RUN);
    }

    private java.nio.file.Path beside(String suffix) {
        return java.nio.file.Path.of(model() + suffix);
    }

    /** What is in a folder of the file system. */
    private void copyHere(Path folder, java.nio.file.Path target) throws IOException {
        var files = folder.getFileSystem(conf());
        for (var file : files.listStatus(folder)) {
            var local = new Path(target.resolve(file.getPath().getName()).toUri());
            files.copyToLocalFile(false, file.getPath(), local, true);
        }
    }

    private Configuration conf() {
        if (hadoop == null) {
            throw new IllegalStateException("a folder that all nodes see is not copied");
        }
        return hadoop.value();
    }

    /**
     * Makes this node's folder that of the file system, which another node may have written to; an
     * empty one if the training begins anew.
     */
    void fetch(boolean resume) {
        if (hadoop == null) {
            return;
        }
        try {
            for (var suffix : KEPT) {
                var local = beside(suffix);
                var remote = new Path(output + suffix);
                if (resume && remote.getFileSystem(conf()).exists(remote)) {
                    AtomicDirectory.replace(local, staging -> copyHere(remote, staging));
                } else {
                    AtomicDirectory.delete(local);
                }
            }
        } catch (IOException e) {
            throw new MtlException(output + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Writes this node's folder to the file system. */
    void publish() {
        if (hadoop == null) {
            return;
        }
        try {
            for (var suffix : KEPT) {
                if (Files.isDirectory(beside(suffix))) {
                    publish(beside(suffix), new Path(output + suffix));
                }
            }
        } catch (IOException e) {
            throw new MtlException(output + ": cannot be written: " + Reasons.of(e), e);
        }
    }

    private void publish(java.nio.file.Path local, Path target) throws IOException {
        FileSystem files = target.getFileSystem(conf());
        var staging = new Path(target + ".writing");
        files.delete(staging, true);
        files.copyFromLocalFile(false, true, new Path(local.toUri()), staging);
        files.delete(target, true);
        if (!files.rename(staging, target)) {
            throw new IOException("%s cannot be renamed to %s".formatted(staging, target));
        }
    }

    /** Deletes this node's copies; any number of its processes may do so at once. */
    void forget() throws IOException {
        if (hadoop != null) {
            FileLocks.locked(
                    beside(LOCK),
                    () -> {
                        KEPT.forEach(suffix -> AtomicDirectory.delete(beside(suffix)));
                        AtomicDirectory.delete(beside(ROWS));
                    });
        }
    }
}
