package dev.mtl.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The key that clients send as {@code Authorization: Bearer KEY}. */
final class Authorization {
    private static final String BEARER = "bearer ";

    private final byte @Nullable [] expected;

    /**
     * @param key null for none
     */
    Authorization(@Nullable String key) {
        expected = key == null ? null : digest(key);
    }

    boolean isOpen() {
        return expected == null;
    }

    /**
     * Checks a request in a time that does not depend on how much of the key is right.
     *
     * @throws ApiException if the key is missing or wrong
     */
    void check(ServerRequestHeaders headers) {
        if (expected == null) {
            return;
        }
        var given = headers.first(HeaderNames.AUTHORIZATION).orElse("");
        var key =
                given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                        ? given.substring(BEARER.length()).strip()
                        : "";
        if (!MessageDigest.isEqual(expected, digest(key))) {
            throw new ApiException(
                    ErrorType.UNAUTHORIZED,
                    "the key is missing or wrong: send Authorization: Bearer KEY");
        }
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
