package dev.mtl.core.store.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An access token of the Hugging Face hub, kept out of messages and logs. */
public final class HubToken {
    private final String secret;

    private HubToken(String secret) {
        this.secret = secret;
    }

    /** A token from its text. */
    public static HubToken of(String secret) {
        return new HubToken(secret.strip());
    }

    /** The token in a file that {@code hf auth login} wrote; empty if it cannot be read. */
    public static Optional<HubToken> inFile(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            var text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(of(text));
        } catch (IOException e) {
            // Only private models need a token; the hub reports a missing one.
            return Optional.empty();
        }
    }

    /** The value of the HTTP header {@code Authorization}. */
    public String authorization() {
        return "Bearer " + secret;
    }

    @Override
    public String toString() {
        return "HubToken";
    }
}
