package dev.mtl.train.settings;

import java.nio.file.Path;

/** The section {@code output}: where training writes. */
public final class OutputSettings extends Keys<OutputSettings> {
    /** No key is set. */
    public OutputSettings() {}

    /**
     * The directory of the best model; {@code DIR.run} beside it has the run's checkpoints and
     * records.
     */
    public OutputSettings dir(Path dir) {
        return dir(dir.toString());
    }

    /** As {@link #dir(Path)}. */
    public OutputSettings dir(String dir) {
        return set("dir", dir);
    }

    /**
     * How many earlier models of {@link #dir} are kept beside it, as {@code DIR.v1}, {@code
     * DIR.v2}.
     */
    public OutputSettings keep(int keep) {
        return set("keep", keep);
    }
}
