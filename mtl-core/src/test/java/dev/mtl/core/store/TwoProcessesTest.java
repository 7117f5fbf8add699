package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.store.hub.HubSettings;
import dev.mtl.core.store.hub.RetryPolicy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

class TwoProcessesTest {
    @TempDir Path folder;

    /** A process that resolves a model: cache, jar, a file that gets a letter per conversion. */
    public static final class Resolve {
        private Resolve() {}

        /** Runs it. */
        public static void main(String[] arguments) {
            resolve(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        }
    }

    private static void resolve(Path cache, Path jar, Path log) {
        var settings =
                new StoreSettings(
                        cache,
                        new HubSettings(
                                URI.create("http://hub.invalid"),
                                Optional.empty(),
                                true,
                                cache.resolve("hub"),
                                RetryPolicy.STANDARD));
        var store =
                new ModelStore(
                        settings,
                        (coordinates, progress) -> {
                            try {
                                Files.writeString(
                                        log,
                                        "x",
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.APPEND);
                                // Long enough for the others to come to the lock.
                                Thread.sleep(500);
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return jar;
                        });
        store.resolve("all-MiniLM-L6-v2");
        store.verify("all-MiniLM-L6-v2");
    }

    @Test
    void twoProcessesConvertAModelOnce() throws Exception {
        var jar = TinyArtifacts.onnxJar(folder);
        var log = folder.resolve("log");
        var processes = new ArrayList<Process>();
        for (var i = 0; i < 2; i++) {
            processes.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty(
                                            "surefire.test.class.path",
                                            System.getProperty("java.class.path")),
                                    Resolve.class.getName(),
                                    folder.resolve("cache").toString(),
                                    jar.toString(),
                                    log.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("output" + i).toFile())
                            .start());
        }
        for (var i = 0; i < 2; i++) {
            assertThat(processes.get(i).waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(processes.get(i).exitValue())
                    .as(Files.readString(folder.resolve("output" + i)))
                    .isZero();
        }
        assertThat(log).hasContent("x");
    }

    @Test
    void convertOnceWhereThreadsAskAtTheSameTime() throws Exception {
        var jar = TinyArtifacts.onnxJar(folder);
        var log = folder.resolve("log");
        try (var threads = Executors.newFixedThreadPool(4)) {
            var results = new ArrayList<Future<?>>();
            for (var i = 0; i < 4; i++) {
                results.add(threads.submit(() -> resolve(folder.resolve("cache"), jar, log)));
            }
            for (var result : results) {
                result.get();
            }
        }
        assertThat(log).hasContent("x");
    }
}
