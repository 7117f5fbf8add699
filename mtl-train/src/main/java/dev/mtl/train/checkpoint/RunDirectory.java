package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.AtomicDirectory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a run keeps what is not the model.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    /** Where the checkpoints are. */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /**
     * Makes room for a new run. What an earlier one left is not lost: it moves to {@code
     * PATH.previous}, in the place of the run before it.
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
            throw new MtlException(path + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static void requireRun(Path directory) {
        if (!Files.isDirectory(directory.resolve("checkpoints"))) {
            throw new ConfigurationException(
                    directory
                            + " is not the directory of a run, which training would write there;"
                            + " name another output.dir or move it away");
        }
    }
}
