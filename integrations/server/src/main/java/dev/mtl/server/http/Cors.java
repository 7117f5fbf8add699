package dev.mtl.server.http;

import io.helidon.http.HeaderNames;

import java.util.List;

/** Which pages of other origins may read answers. */
record Cors(List<String> origins) {
    /** Adds the headers that let the origin of a request read the answer. */
    void allow(Exchange exchange) {
        if (origins.isEmpty()) {
            return;
        }
        exchange.header("Vary", "Origin");
        var origin = exchange.request().headers().first(HeaderNames.ORIGIN).orElse(null);
        if (origin != null && (origins.contains("*") || origins.contains(origin))) {
            exchange.header("Access-Control-Allow-Origin", origins.contains("*") ? "*" : origin);
            exchange.header("Access-Control-Expose-Headers", RequestId.HEADER);
        }
    }

    /** Answers what browsers ask before they send a request. */
    void preflight(Exchange exchange) {
        if (!origins.isEmpty()) {
            exchange.header("Access-Control-Allow-Methods", "GET, POST");
            exchange.header("Access-Control-Allow-Headers", "authorization, content-type");
            exchange.header("Access-Control-Max-Age", "600");
        }
        exchange.response().status(204).send();
    }
}
