package dev.mtl.server.connection;

import java.time.Duration;

/**
 * How long a client is waited for.
 *
 * @param reading of a request, from its first byte to its last
 * @param writing of an answer
 * @param idle between requests
 */
public record Patience(Duration reading, Duration writing, Duration idle) {}
