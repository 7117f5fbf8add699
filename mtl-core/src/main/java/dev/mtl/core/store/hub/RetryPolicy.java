package dev.mtl.core.store.hub;

import java.time.Duration;

/**
 * When a download is retried and when it is given up.
 *
 * @param attempts maximum number of consecutive failures without progress
 * @param firstWait pause before the second attempt; doubled before each further one
 * @param longestWait longest {@code Retry-After} that is honoured
 * @param stall a connection that delivers no byte for this long counts as broken
 */
public record RetryPolicy(int attempts, Duration firstWait, Duration longestWait, Duration stall) {
    /** Five attempts, waiting 1, 2, 4 and 8 seconds between them. */
    public static final RetryPolicy STANDARD =
            new RetryPolicy(
                    5, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofSeconds(60));
}
