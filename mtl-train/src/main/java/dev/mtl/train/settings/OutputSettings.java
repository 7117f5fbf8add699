package dev.mtl.train.settings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Map;

/** The section {@code output}: where training writes. */
public final class OutputSettings {
    private final Keys keys = new Keys();

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

    /** Sets a key by its name in YAML. */
    public OutputSettings set(String key, @Nullable Object value) {
        keys.set(key, value);
        return this;
    }

    /** The keys that were set, by their names in YAML. */
    public Map<String, @Nullable Object> toMap() {
        return keys.toMap();
    }
}
