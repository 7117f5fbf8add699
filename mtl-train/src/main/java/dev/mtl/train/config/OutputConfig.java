package dev.mtl.train.config;

import dev.mtl.train.config.yaml.Checks;

import java.nio.file.Path;

/**
 * Where training writes.
 *
 * @param dir the directory of the best model; {@code DIR.run} beside it has the run's checkpoints
 *     and records
 * @param keep how many earlier models of {@code dir} are kept beside it, as {@code DIR.v1}, {@code
 *     DIR.v2}; 0 for none
 */
public record OutputConfig(String dir, int keep) {
    static final OutputConfig DEFAULTS = new OutputConfig("runs/model", 0);

    public OutputConfig {
        Checks.atLeast("keep", keep, 0);
        if (dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty");
        }
    }

    /** The directory of the best model. */
    public Path model() {
        return Path.of(dir);
    }

    /** The same as an absolute path. */
    public Path absolute() {
        return model().toAbsolutePath().normalize();
    }

    /** The directory of the run's checkpoints and records. */
    public Path run() {
        var model = absolute();
        return model.resolveSibling(model.getFileName() + ".run");
    }
}
