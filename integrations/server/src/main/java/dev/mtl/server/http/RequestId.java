package dev.mtl.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

import java.util.UUID;

/** The id of a request: the client's own if it sent a harmless one. */
record RequestId(String value) {
    static final String HEADER = "x-request-id";

    static RequestId of(ServerRequestHeaders headers) {
        return new RequestId(
                headers.first(HeaderNames.create(HEADER))
                        .filter(id -> id.matches("[A-Za-z0-9._-]{1,64}"))
                        .orElseGet(() -> UUID.randomUUID().toString()));
    }

    @Override
    public String toString() {
        return value;
    }
}
