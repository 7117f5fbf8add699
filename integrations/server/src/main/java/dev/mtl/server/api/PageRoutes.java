package dev.mtl.server.api;

import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;

import io.helidon.webserver.http.HttpRouting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/** The pages, from files of this jar: to try models, and to read about the routes. */
public final class PageRoutes {
    /** Nothing but this server's own files, in no frame. */
    private static final String POLICY =
            "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "json", "application/json");

    public void register(HttpRouting.Builder routing, Gate gate) {
        var index = file("index.html");
        routing.get("/", gate.handler(Access.PUBLIC, e -> root(e, index)))
                .get("/docs", gate.handler(Access.PUBLIC, file("docs.html")))
                .get("/api-doc/openapi.json", gate.handler(Access.PUBLIC, file("openapi.json")));
        for (var name : new String[] {"page.css", "page.js", "docs.js"}) {
            routing.get("/page/" + name, gate.handler(Access.PUBLIC, file(name)));
        }
    }

    /** A page for people; for programs the health, as text-embeddings-inference has it. */
    private static void root(Exchange exchange, Gate.Action page) {
        exchange.header("Vary", "Accept");
        if (exchange.wantsHtml()) {
            page.run(exchange);
        } else {
            InfoRoutes.health(exchange);
        }
    }

    private static Gate.Action file(String name) {
        var bytes = read(name);
        var type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
        return exchange -> {
            exchange.header("Content-Security-Policy", POLICY);
            exchange.header("X-Content-Type-Options", "nosniff");
            exchange.header("Referrer-Policy", "no-referrer");
            exchange.header("Cache-Control", "no-cache");
            exchange.send(type, bytes);
        };
    }

    private static byte[] read(String name) {
        try (var in = PageRoutes.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
