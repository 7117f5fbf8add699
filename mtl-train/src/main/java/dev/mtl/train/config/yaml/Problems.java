package dev.mtl.train.config.yaml;

import dev.mtl.core.ConfigurationException;

import java.util.ArrayList;
import java.util.List;

/** Collects the mistakes of a configuration, to report all of them at once. */
public final class Problems {
    private final List<String> lines = new ArrayList<>();

    /**
     * Records a mistake.
     *
     * @param place file and line, or an option; empty for what is in no file
     * @param path of the key, empty for none
     */
    public void add(String place, String path, String message) {
        lines.add(
                (place.isEmpty() ? "" : place + ": ")
                        + (path.isEmpty() ? "" : path + ": ")
                        + message);
    }

    /** Whether nothing is wrong so far. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /**
     * Throws if there are mistakes.
     *
     * @throws ConfigurationException with one line per mistake
     */
    public void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfigurationException(String.join("\n", lines));
        }
    }
}
