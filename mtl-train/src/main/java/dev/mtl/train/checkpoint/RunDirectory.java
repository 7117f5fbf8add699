package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of a run, for everything but the model: checkpoints and records.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    /** The directory of the checkpoints. */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /** Whether there is a checkpoint. */
    public boolean hasCheckpoint() {
        return !Checkpoints.in(checkpoints()).isEmpty();
    }

    /**
     * Starts a new run. The directory of an earlier run moves to {@code PATH.previous} and replaces
     * the one before it there. Empty directories are what is left of a run that was killed while it
     * did this.
     */
    public void begin() {
        var previous = path.resolveSibling(path.getFileName() + ".previous");
        try {
            if (Files.exists(path)) {
                requireRun(path);
                if (Files.exists(previous)) {
                    requireRun(previous);
                    AtomicDirectory.delete(previous);
                }
                Files.move(path, previous);
            }
            Files.createDirectories(checkpoints());
        } catch (IOException e) {
            throw new MtlException(path + ": cannot be written: " + Reasons.of(e), e);
        }
    }

    private static void requireRun(Path directory) {
        if (!Files.isDirectory(directory.resolve("checkpoints"))
                && !AtomicDirectory.isFree(directory)) {
            throw new ConfigurationException(
                    directory
                            + " is not the directory of a run, but training writes to it; set"
                            + " another output.dir, or move it away");
        }
    }
}
