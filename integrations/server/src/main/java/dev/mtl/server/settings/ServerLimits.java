package dev.mtl.server.settings;

import dev.mtl.core.ConfigurationException;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a server takes on. The defaults are those of text-embeddings-inference where it has them.
 *
 * @param maxConcurrentRequests requests that are computed at once; more are answered with 429
 * @param maxInputs texts or pairs of a request
 * @param maxBodyBytes of a request
 * @param maxTextCharacters of one text, in UTF-16 units
 * @param requestTime for computing an answer; a request that takes longer is answered with 429
 * @param readTime for reading a request, from its first byte to its last; a slower client is cut
 *     off
 * @param idleTime of a connection between requests, and for a client to take an answer
 * @param shutdownTime that requests have to end once the server is to end
 */
public record ServerLimits(
        int maxConcurrentRequests,
        int maxInputs,
        int maxBodyBytes,
        int maxTextCharacters,
        Duration requestTime,
        Duration readTime,
        Duration idleTime,
        Duration shutdownTime) {
    /** 512 requests at once of 32 inputs and 2 MB each; 30 seconds. */
    public static final ServerLimits DEFAULT =
            new ServerLimits(
                    512,
                    32,
                    2_000_000,
                    65_536,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30));

    public ServerLimits {
        require(maxConcurrentRequests >= 1, "maxConcurrentRequests", maxConcurrentRequests);
        require(maxInputs >= 1, "maxInputs", maxInputs);
        require(maxBodyBytes >= 1, "maxBodyBytes", maxBodyBytes);
        require(maxTextCharacters >= 1, "maxTextCharacters", maxTextCharacters);
        require(requestTime.isPositive(), "requestTime", requestTime);
        require(readTime.isPositive(), "readTime", readTime);
        require(idleTime.isPositive(), "idleTime", idleTime);
        require(!shutdownTime.isNegative(), "shutdownTime", shutdownTime);
    }

    private static void require(boolean valid, String name, Object value) {
        if (!valid) {
            throw new ConfigurationException(name + " is " + value + "; it must be positive");
        }
    }

    public ServerLimits withMaxConcurrentRequests(int value) {
        return with(draft -> draft.maxConcurrentRequests = value);
    }

    public ServerLimits withMaxInputs(int value) {
        return with(draft -> draft.maxInputs = value);
    }

    public ServerLimits withMaxBodyBytes(int value) {
        return with(draft -> draft.maxBodyBytes = value);
    }

    public ServerLimits withRequestTime(Duration value) {
        return with(draft -> draft.requestTime = value);
    }

    public ServerLimits withReadTime(Duration value) {
        return with(draft -> draft.readTime = value);
    }

    public ServerLimits withIdleTime(Duration value) {
        return with(draft -> draft.idleTime = value);
    }

    private ServerLimits with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A value that is being changed. */
    private static final class Draft {
        private int maxConcurrentRequests;
        private int maxInputs;
        private int maxBodyBytes;
        private int maxTextCharacters;
        private Duration requestTime;
        private Duration readTime;
        private Duration idleTime;
        private Duration shutdownTime;

        Draft(ServerLimits from) {
            maxConcurrentRequests = from.maxConcurrentRequests;
            maxInputs = from.maxInputs;
            maxBodyBytes = from.maxBodyBytes;
            maxTextCharacters = from.maxTextCharacters;
            requestTime = from.requestTime;
            readTime = from.readTime;
            idleTime = from.idleTime;
            shutdownTime = from.shutdownTime;
        }

        ServerLimits finish() {
            return new ServerLimits(
                    maxConcurrentRequests,
                    maxInputs,
                    maxBodyBytes,
                    maxTextCharacters,
                    requestTime,
                    readTime,
                    idleTime,
                    shutdownTime);
        }
    }
}
