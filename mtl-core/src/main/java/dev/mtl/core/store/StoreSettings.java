package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.files.UserFolders;
import dev.mtl.core.store.hub.HubSettings;

import java.nio.file.Path;
import java.util.Map;

/** Where the model store keeps its files and how it reaches the Hugging Face hub. Immutable. */
public final class StoreSettings {
    private final Path cache;
    private final HubSettings hub;
    private final CacheCheck check;

    StoreSettings(Path cache, HubSettings hub) {
        this(cache, hub, CacheCheck.DAILY);
    }

    StoreSettings(Path cache, HubSettings hub, CacheCheck check) {
        this.cache = cache;
        this.hub = hub;
        this.check = check;
    }

    /** Settings from this process's environment variables. */
    public static StoreSettings standard() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * Settings from environment variables: {@code MTL_CACHE} (else {@code XDG_CACHE_HOME/mtl}, else
     * {@code ~/.cache/mtl}), and those that the clients of the Hugging Face hub read: {@code
     * HF_ENDPOINT}, {@code HF_TOKEN} or the token file of {@code hf auth login}, {@code
     * HF_HUB_OFFLINE}, and {@code HF_HUB_CACHE} (else {@code HF_HOME/hub}). {@code MTL_VERIFY} says
     * how often the files of a model in the cache are compared with their checksums: {@code daily}
     * (the default), {@code always}, {@code never}.
     *
     * @param home the user's home folder
     * @throws ConfigurationException if {@code HF_ENDPOINT} is not an http or https address, or
     *     {@code MTL_VERIFY} none of its words
     */
    public static StoreSettings of(Map<String, String> environment, Path home) {
        return new StoreSettings(
                UserFolders.mtlCache(environment, home),
                HubSettings.of(environment, UserFolders.cache(environment, home)),
                CacheCheck.of(environment));
    }

    /**
     * The same settings, but the hub's token is also sent to an {@code HF_ENDPOINT} that is an http
     * address of another host, where everybody on the way can read it.
     */
    public StoreSettings withInsecureToken() {
        return new StoreSettings(cache, hub.asInsecure(), check);
    }

    /** MTL's cache folder. */
    public Path cache() {
        return cache;
    }

    /** The folder of the downloaded models, below {@link #cache}. */
    public Path models() {
        return cache.resolve("models");
    }

    /** When the files of models in the cache are compared with their checksums. */
    CacheCheck check() {
        return check;
    }

    HubSettings hub() {
        return hub;
    }
}
