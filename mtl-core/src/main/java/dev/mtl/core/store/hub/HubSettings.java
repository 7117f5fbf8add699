package dev.mtl.core.store.hub;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.files.UserFolders;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How to reach the Hugging Face hub.
 *
 * @param endpoint the hub's address, without a trailing slash
 * @param token the access token; public models need none
 * @param offline whether network access is forbidden
 * @param pythonCache the download cache of Python's {@code huggingface_hub}; read, never written
 * @param retries when to give up on a request
 * @param insecure whether the token may be sent unencrypted to another host than this one
 */
public record HubSettings(
        URI endpoint,
        Optional<HubToken> token,
        boolean offline,
        Path pythonCache,
        RetryPolicy retries,
        boolean insecure) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    public HubSettings(
            URI endpoint,
            Optional<HubToken> token,
            boolean offline,
            Path pythonCache,
            RetryPolicy retries) {
        this(endpoint, token, offline, pythonCache, retries, false);
    }

    /** The same, with the token sent unencrypted if {@code HF_ENDPOINT} is an http address. */
    public HubSettings asInsecure() {
        return new HubSettings(endpoint, token, offline, pythonCache, retries, true);
    }

    /**
     * Reads the variables that the hub's own clients read: {@code HF_ENDPOINT}, {@code HF_TOKEN}
     * (else the token file of {@code hf auth login}), {@code HF_HUB_OFFLINE}, {@code HF_HUB_CACHE}
     * (else {@code HF_HOME/hub}).
     *
     * @param userCache the user's cache folder, the parent of the default {@code HF_HOME}
     * @throws ConfigurationException if {@code HF_ENDPOINT} is not an http or https address
     */
    public static HubSettings of(Map<String, String> environment, Path userCache) {
        var home = folder(environment, "HF_HOME", userCache.resolve("huggingface"));
        return new HubSettings(
                endpoint(environment),
                token(environment, home),
                isTrue(environment.get("HF_HUB_OFFLINE"))
                        || isTrue(environment.get("TRANSFORMERS_OFFLINE")),
                folder(environment, "HF_HUB_CACHE", home.resolve("hub")),
                RetryPolicy.STANDARD);
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

    private static Optional<HubToken> token(Map<String, String> environment, Path home) {
        if (isTrue(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
            return Optional.empty();
        }
        var file = folder(environment, "HF_TOKEN_PATH", home.resolve("token"));
        return value(environment, "HF_TOKEN")
                .or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"))
                .map(HubToken::of)
                .or(() -> HubToken.inFile(file));
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Path folder(Map<String, String> environment, String variable, Path fallback) {
        return UserFolders.folder(environment, variable).orElse(fallback);
    }

    private static boolean isTrue(@Nullable String value) {
        return value != null && TRUE.contains(value.strip().toUpperCase(Locale.ROOT));
    }
}
