package dev.mtl.server.http;

import dev.mtl.server.http.Gate.Access;

import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;

import java.util.Set;

/** Requests that no route takes, and those that are not HTTP. */
public final class Unrouted {
    private static final Set<String> METHODS = Set.of("GET", "POST", "HEAD");

    private Unrouted() {}

    /** Adds what answers all other paths; after all routes. */
    public static void register(HttpRouting.Builder routing, Gate gate) {
        routing.any(gate.handler(Access.PUBLIC, exchange -> answer(exchange, gate)));
    }

    private static void answer(Exchange exchange, Gate gate) {
        var method = exchange.request().prologue().method();
        if (method.equals(Method.OPTIONS)) {
            gate.preflight(exchange);
            return;
        }
        if (!METHODS.contains(method.text())) {
            throw new ApiException(
                    ErrorType.NO_METHOD, "method " + method.text() + " is not supported");
        }
        throw new ApiException(
                ErrorType.NO_ROUTE,
                "no route for this method and path; GET /docs lists the routes");
    }

    /** What is answered where there is no route yet: bad HTTP, bodies that are too large. */
    public static DirectHandlers direct() {
        DirectHandler handler =
                (request, type, status, headers, message) -> {
                    var json = Exchange.error(request.path(), status.code(), message(type, status));
                    headers.set(HeaderNames.CONTENT_TYPE, "application/json");
                    headers.set(HeaderValues.CONNECTION_CLOSE);
                    return DirectHandler.TransportResponse.builder()
                            .status(status)
                            .headers(headers)
                            .entity(json)
                            .keepAlive(false)
                            .build();
                };
        var handlers = DirectHandlers.builder();
        for (var type : EventType.values()) {
            handlers.addHandler(type, handler);
        }
        return handlers.build();
    }

    private static String message(EventType type, Status status) {
        return switch (type) {
            case BAD_REQUEST, PAYLOAD_TOO_LARGE, HTTP_VERSION_NOT_SUPPORTED ->
                    status.code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()
                            ? "the body is too large"
                            : "the request is not valid HTTP/1.1";
            default -> status.reasonPhrase();
        };
    }
}
