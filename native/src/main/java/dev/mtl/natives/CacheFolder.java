package dev.mtl.natives;

import java.nio.file.Path;
import java.util.Map;

/** The cache folder: unpacked native files and converted models, all of which can be recreated. */
final class CacheFolder {
    private CacheFolder() {}

    /**
     * {@code MTL_CACHE}, else {@code mtl} in {@code XDG_CACHE_HOME}, else {@code ~/.cache/mtl}. An
     * empty variable counts as unset, and so does a relative {@code XDG_CACHE_HOME}, as the XDG
     * specification demands.
     *
     * @return an absolute path; the folder need not exist
     */
    public static Path root(Map<String, String> environment) {
        var configured = environment.getOrDefault("MTL_CACHE", "");
        if (!configured.isBlank()) {
            return Path.of(configured).toAbsolutePath().normalize();
        }
        var xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (!xdg.isBlank() && Path.of(xdg).isAbsolute()) {
            return Path.of(xdg, "mtl").normalize();
        }
        return Path.of(System.getProperty("user.home"), ".cache", "mtl").toAbsolutePath();
    }
}
