package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.UserFolders;
import dev.mtl.core.store.hub.HubSettings;

import java.nio.file.Path;
import java.util.Map;

/** Where the model store keeps its files and how it reaches the Hugging Face hub. Immutable. */
public final class StoreSettings {
    private final Path cache;
    private final HubSettings hub;

    StoreSettings(Path cache, HubSettings hub) {
        this.cache = cache;
        this.hub = hub;
    }

    /** Settings from this process's environment variables. */
    public static StoreSettings standard() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * Settings from environment variables: {@code MTL_CACHE} (else {@code XDG_CACHE_HOME/mtl}, else
     * {@code ~/.cache/mtl}), and those that the clients of the Hugging Face hub read: {@code
     * HF_ENDPOINT}, {@code HF_TOKEN} or the token file of {@code hf auth login}, {@code
     * HF_HUB_OFFLINE}, and {@code HF_HUB_CACHE} (else {@code HF_HOME/hub}).
     *
     * @param home the user's home folder
     * @throws ConfigurationException if {@code HF_ENDPOINT} is not an http or https address
     */
    public static StoreSettings of(Map<String, String> environment, Path home) {
        return new StoreSettings(
                UserFolders.mtlCache(environment, home),
                HubSettings.of(environment, UserFolders.cache(environment, home)));
    }

    /** MTL's cache folder. */
    public Path cache() {
        return cache;
    }

    /** The folder of the downloaded models, below {@link #cache}. */
    public Path models() {
        return cache.resolve("models");
    }

    HubSettings hub() {
        return hub;
    }
}
