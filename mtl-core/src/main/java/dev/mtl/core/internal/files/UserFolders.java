package dev.mtl.core.internal.files;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Folders of the user that environment variables can move. An empty variable counts as unset. */
public final class UserFolders {
    private UserFolders() {}

    /**
     * The folder for everything that MTL can download or compute again: {@code MTL_CACHE}, else
     * {@code mtl} in the user's cache folder.
     */
    public static Path mtlCache(Map<String, String> environment, Path home) {
        return folder(environment, "MTL_CACHE")
                .orElseGet(() -> cache(environment, home).resolve("mtl"));
    }

    /** The user's cache folder: {@code XDG_CACHE_HOME}, else {@code .cache} in the home folder. */
    public static Path cache(Map<String, String> environment, Path home) {
        return folder(environment, "XDG_CACHE_HOME").orElseGet(() -> home.resolve(".cache"));
    }

    /** The folder that a variable names. */
    public static Optional<Path> folder(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .map(Path::of);
    }
}
