package dev.mtl.train.config.yaml;

import dev.mtl.core.ConfigurationException;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with a configuration, all of it at once. */
public final class Problems {
    private final List<String> lines = new ArrayList<>();

    /**
     * Notes one.
     *
     * @param place file and line, or an option
     * @param path of the key, empty for none
     */
    public void add(String place, String path, String message) {
        lines.add(place + ": " + (path.isEmpty() ? "" : path + ": ") + message);
    }

    /** Whether nothing is wrong so far. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /**
     * Ends the reading if there is any.
     *
     * @throws ConfigurationException with a line for each
     */
    public void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfigurationException(String.join("\n", lines));
        }
    }
}
