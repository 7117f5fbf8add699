package dev.mtl.train.config;

import java.nio.file.Path;

/**
 * What training leaves behind.
 *
 * @param dir the directory of the best model; {@code DIR.run} beside it holds the run's checkpoints
 *     and records
 */
public record OutputConfig(String dir) {
    static final OutputConfig DEFAULTS = new OutputConfig("runs/model");

    public OutputConfig {
        if (dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty");
        }
    }

    /** Where the best model goes. */
    public Path model() {
        return Path.of(dir);
    }

    /** Where the run's checkpoints and records go. */
    public Path run() {
        var model = model().toAbsolutePath().normalize();
        return model.resolveSibling(model.getFileName() + ".run");
    }
}
