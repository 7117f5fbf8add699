package dev.mtl.store.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;

import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.store.artifact.ArtifactResolver;
import dev.mtl.core.store.artifact.MavenCoordinates;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Against a mirror on this machine that the test's own {@code settings.xml} names. */
class MavenArtifactsTest {
    private static final String JAR = "/org/tiny/model/1.0/model-1.0-small.jar";
    private static final MavenCoordinates COORDINATES =
            MavenCoordinates.parse("org.tiny:model:1.0:small");

    @TempDir Path folder;

    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private HttpServer mirror = HttpServer.create();

    MavenArtifactsTest() throws IOException {}

    /**
     * Maven hands the property that it was called with on to tests; it is stronger than settings.
     */
    private final @Nullable String repository = System.clearProperty("maven.repo.local");

    @AfterEach
    void restoreRepository() {
        if (repository != null) {
            System.setProperty("maven.repo.local", repository);
        }
    }

    @BeforeEach
    void startMirror() throws Exception {
        var content = "a jar".getBytes(StandardCharsets.UTF_8);
        var sha1 = MessageDigest.getInstance("SHA-1").digest(content);
        files.put(JAR, content);
        files.put(JAR + ".sha1", HexFormat.of().formatHex(sha1).getBytes(StandardCharsets.UTF_8));
        mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        mirror.createContext(
                "/",
                exchange -> {
                    var path = exchange.getRequestURI().getPath();
                    requests.add(path);
                    var body = files.get(path);
                    try (exchange) {
                        if (body == null) {
                            exchange.sendResponseHeaders(404, -1);
                        } else {
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                        }
                    }
                });
        mirror.start();
    }

    @AfterEach
    void stopMirror() {
        mirror.stop(0);
    }

    @Test
    void downloadsFromTheUsersMirrorIntoTheUsersRepositoryOnce() throws IOException {
        var progress = new StringBuilder();
        var artifacts = new MavenArtifacts(settings(false));

        var jar = artifacts.resolve(COORDINATES, recorder(progress));

        assertThat(jar).isEqualTo(folder.resolve("repository" + JAR)).hasContent("a jar");
        assertThat(progress).hasToString("downloading model-1.0-small.jar of 5, 5, done");
        requests.clear();
        assertThat(artifacts.resolve(COORDINATES, ProgressListener.NONE)).isEqualTo(jar);
        assertThat(requests).isEmpty();
    }

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(ArtifactResolver.class))
                .singleElement()
                .isInstanceOf(MavenArtifacts.class);
    }

    @Test
    void asksNobodyWhereTheSettingsSayOffline() throws IOException {
        var artifacts = new MavenArtifacts(settings(true));

        assertThatThrownBy(() -> artifacts.resolve(COORDINATES, ProgressListener.NONE))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("cannot get the Maven artifact org.tiny:model:1.0:small")
                .hasMessageContaining("offline");
        assertThat(requests).isEmpty();
    }

    @Test
    void replacesPropertiesInTheOfflineSwitchAsMavenDoes() throws IOException {
        var file = folder.resolve("settings.xml");
        Files.writeString(
                file,
                "<settings><proxies><offline>true</offline></proxies>"
                        + "<offline>${mtl.test.offline}</offline></settings>");

        assertThat(OfflineSetting.read(file)).isFalse();
        System.setProperty("mtl.test.offline", "true");
        try {
            assertThat(OfflineSetting.read(file)).isTrue();
        } finally {
            System.clearProperty("mtl.test.offline");
        }
        assertThat(OfflineSetting.read(folder.resolve("none.xml"))).isFalse();
    }

    @Test
    void saysThatTheSettingsCannotBeRead() throws IOException {
        var broken = Files.writeString(folder.resolve("settings.xml"), "<settings><offline>");

        assertThatThrownBy(
                        () ->
                                new MavenArtifacts(broken)
                                        .resolve(COORDINATES, ProgressListener.NONE))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("Maven's settings cannot be read")
                .hasMessageContaining(broken.toString());
    }

    @Test
    void refusesAJarWithAnotherChecksum() throws IOException {
        files.put(JAR + ".sha1", "0".repeat(40).getBytes(StandardCharsets.UTF_8));
        var artifacts = new MavenArtifacts(settings(false));

        assertThatThrownBy(() -> artifacts.resolve(COORDINATES, ProgressListener.NONE))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("hecksum");
    }

    @Test
    void saysWhereItLookedInVain() throws IOException {
        var artifacts = new MavenArtifacts(settings(false));
        var progress = new StringBuilder();

        assertThatThrownBy(
                        () ->
                                artifacts.resolve(
                                        MavenCoordinates.parse("no.such:thing:1"),
                                        recorder(progress)))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("Could not find artifact no.such:thing:jar:1 in tests");
        assertThat(progress).isEmpty();
    }

    private Path settings(boolean offline) throws IOException {
        return Files.writeString(
                folder.resolve("settings.xml"),
                """
                <settings>
                  <localRepository>%s</localRepository>
                  <offline>%s</offline>
                  <mirrors>
                    <mirror>
                      <id>tests</id>
                      <mirrorOf>*</mirrorOf>
                      <url>http://localhost:%d</url>
                    </mirror>
                  </mirrors>
                </settings>
                """
                        .formatted(
                                folder.resolve("repository"),
                                offline,
                                mirror.getAddress().getPort()));
    }

    private static ProgressListener recorder(StringBuilder text) {
        return new ProgressListener() {
            @Override
            public void started(String what, long totalBytes) {
                text.append(what).append(" of ").append(totalBytes);
            }

            @Override
            public void advanced(long bytes) {
                text.append(", ").append(bytes);
            }

            @Override
            public void finished() {
                text.append(", done");
            }
        };
    }
}
