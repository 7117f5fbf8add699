package dev.mtl.train.config;

/**
 * What training leaves behind.
 *
 * @param dir the directory of the best model
 */
public record OutputConfig(String dir) {
    static final OutputConfig DEFAULTS = new OutputConfig("runs/model");

    public OutputConfig {
        if (dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty");
        }
    }
}
