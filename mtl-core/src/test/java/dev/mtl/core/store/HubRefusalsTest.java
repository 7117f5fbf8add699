package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.store.hub.HubSettings;
import dev.mtl.core.store.hub.HubToken;
import dev.mtl.core.store.hub.RetryPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

class HubRefusalsTest {
    @TempDir Path folder;

    @Test
    void sendsNoTokenUnencryptedToAnotherHost() {
        var settings = settings("http://hub.invalid");

        assertThatThrownBy(() -> resolve(new StoreSettings(folder, settings)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("would be sent to http://hub.invalid unencrypted")
                .hasMessageContaining("--insecure");
        assertThatThrownBy(() -> resolve(new StoreSettings(folder, settings).withInsecureToken()))
                .as("allowed, but there is no such host")
                .hasMessageContaining("cannot reach hub.invalid");
    }

    @Test
    void namesARedirectThatCannotBeFollowed() throws Exception {
        for (var location : List.of("ftp://elsewhere/file", "http://", "http://[", "file:/etc")) {
            var server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        exchange.getResponseHeaders().set("Location", location);
                        exchange.sendResponseHeaders(302, -1);
                        exchange.close();
                    });
            server.start();
            try {
                var address = "http://127.0.0.1:" + server.getAddress().getPort();
                assertThatThrownBy(() -> resolve(new StoreSettings(folder, settings(address))))
                        .isInstanceOf(MtlException.class)
                        .hasMessageContaining(
                                "redirects to '" + location + "', which is not an http");
            } finally {
                server.stop(0);
            }
        }
    }

    private static void resolve(StoreSettings settings) {
        new ModelStore(settings).resolve("hf:org/tiny");
    }

    private HubSettings settings(String address) {
        return new HubSettings(
                URI.create(address),
                Optional.of(HubToken.of("secret")),
                false,
                folder.resolve("hub"),
                new RetryPolicy(
                        1, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(5)));
    }
}
