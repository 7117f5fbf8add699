package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the store keeps its files and how it reaches the Hugging Face hub.
 *
 * @param cache the cache folder; models lie in its subfolder {@code models}
 * @param hubEndpoint the hub's address without a slash at the end
 * @param hubToken the hub's access token; public models need none
 * @param hubOffline whether the hub must not be asked
 * @param hubCache where Python's client of the hub keeps what it downloads; only read
 */
public record StoreSettings(
        Path cache,
        URI hubEndpoint,
        Optional<HubToken> hubToken,
        boolean hubOffline,
        Path hubCache) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /** The settings of this process's environment and user. */
    public static StoreSettings standard() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * Reads {@code MTL_CACHE} (else {@code XDG_CACHE_HOME/mtl}, else {@code ~/.cache/mtl}), and, as
     * the hub's own clients do, {@code HF_ENDPOINT}, {@code HF_TOKEN} or the file that they keep it
     * in, {@code HF_HUB_OFFLINE}, and where their downloads lie ({@code HF_HUB_CACHE}, else {@code
     * HF_HOME/hub}).
     *
     * @throws ConfigurationException if {@code HF_ENDPOINT} is not an address
     */
    public static StoreSettings of(Map<String, String> environment, Path home) {
        var caches = caches(environment, home);
        var hubHome = folder(environment.get("HF_HOME"), caches.resolve("huggingface"));
        var tokenFile = folder(environment.get("HF_TOKEN_PATH"), hubHome.resolve("token"));
        var token =
                value(environment, "HF_TOKEN")
                        .or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"))
                        .map(HubToken::of)
                        .or(() -> HubToken.inFile(tokenFile));
        if (isTrue(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
            token = Optional.empty();
        }
        return new StoreSettings(
                cacheFolder(environment, home),
                endpoint(environment),
                token,
                isTrue(environment.get("HF_HUB_OFFLINE"))
                        || isTrue(environment.get("TRANSFORMERS_OFFLINE")),
                folder(environment.get("HF_HUB_CACHE"), hubHome.resolve("hub")));
    }

    /**
     * {@code MTL_CACHE}, else {@code mtl} among the user's caches: where MTL keeps what it can make
     * again.
     */
    public static Path cacheFolder(Map<String, String> environment) {
        return cacheFolder(environment, Path.of(System.getProperty("user.home")));
    }

    private static Path cacheFolder(Map<String, String> environment, Path home) {
        return folder(environment.get("MTL_CACHE"), caches(environment, home).resolve("mtl"));
    }

    private static Path caches(Map<String, String> environment, Path home) {
        return folder(environment.get("XDG_CACHE_HOME"), home.resolve(".cache"));
    }

    /** The folder of the converted models. */
    public Path models() {
        return cache.resolve("models");
    }

    private static URI endpoint(Map<String, String> environment) {
        var text =
                value(environment, "HF_ENDPOINT")
                        .orElse("https://huggingface.co")
                        .replaceFirst("/+$", "");
        if (!text.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new ConfigurationException(
                    "HF_ENDPOINT is '" + text + "', which is not an http or https address");
        }
        return URI.create(text);
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .map(String::strip)
                .filter(v -> !v.isEmpty());
    }

    private static Path folder(@Nullable String value, Path otherwise) {
        return value == null || value.isBlank() ? otherwise : Path.of(value.strip());
    }

    private static boolean isTrue(@Nullable String value) {
        return value != null && TRUE.contains(value.strip().toUpperCase(Locale.ROOT));
    }
}
