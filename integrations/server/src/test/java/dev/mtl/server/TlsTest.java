package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** HTTPS by PEM files. */
class TlsTest {
    @TempDir static Path folder;
    private static KeyStore store = null;

    @BeforeAll
    static void makeKeys() throws Exception {
        var file = folder.resolve("keys.p12");
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=ip:127.0.0.1",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                "changeit")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(keytool.waitFor()).isZero();
        store = KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
        var key = store.getKey("server", "changeit".toCharArray());
        pem("key.pem", "PRIVATE KEY", key.getEncoded());
        pem("chain.pem", "CERTIFICATE", store.getCertificate("server").getEncoded());
    }

    private static void pem(String name, String type, byte[] bytes) throws Exception {
        Files.writeString(
                folder.resolve(name),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(type, Base64.getMimeEncoder().encodeToString(bytes), type));
    }

    private static ServerSettings settings() {
        return ServerSettings.of(TinyServed.encoder("tiny", folder, 5));
    }

    @Test
    void servesHttps() throws Exception {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (var server =
                        ModelServer.start(
                                settings()
                                        .withTls(
                                                folder.resolve("chain.pem"),
                                                folder.resolve("key.pem")));
                var client = HttpClient.newBuilder().sslContext(context).build()) {
            var response =
                    client.send(
                            HttpRequest.newBuilder(URI.create(server.url() + "/embed"))
                                    .POST(HttpRequest.BodyPublishers.ofString("{\"inputs\":\"a\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(server.url()).startsWith("https://");
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void refusesAFileThatHasNoKey() {
        var chain = folder.resolve("chain.pem");

        assertThatThrownBy(() -> ModelServer.start(settings().withTls(chain, chain)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no unencrypted key in PKCS#8");
    }
}
