package dev.mtl.train.config;

import java.nio.file.Path;

/**
 * Where training writes.
 *
 * @param dir the directory of the best model; {@code DIR.run} beside it has the run's checkpoints
 *     and records
 */
public record OutputConfig(String dir) {
    static final OutputConfig DEFAULTS = new OutputConfig("runs/model");

    public OutputConfig {
        if (dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty");
        }
    }

    /** The directory of the best model. */
    public Path model() {
        return Path.of(dir);
    }

    /** The directory of the run's checkpoints and records. */
    public Path run() {
        var model = model().toAbsolutePath().normalize();
        return model.resolveSibling(model.getFileName() + ".run");
    }
}
