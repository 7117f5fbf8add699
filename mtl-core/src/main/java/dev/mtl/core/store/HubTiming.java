package dev.mtl.core.store;

import java.time.Duration;

/**
 * How patient a download is.
 *
 * @param attempts how often in a row a request may fail, without a byte more of the file
 * @param firstWait before the second attempt; doubled before each further one
 * @param longestWait the most that a server may ask to wait ({@code Retry-After})
 * @param stall how long no byte may come
 */
record HubTiming(int attempts, Duration firstWait, Duration longestWait, Duration stall) {
    static final HubTiming STANDARD =
            new HubTiming(5, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofSeconds(60));
}
