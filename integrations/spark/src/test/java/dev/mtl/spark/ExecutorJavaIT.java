package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mtl.core.ConfigurationException;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Executors on a Java that Spark runs on and MTL does not, or not well. */
class ExecutorJavaIT {
    private static final Path FOLDER = Path.of("/usr/lib/jvm");

    /** A Java 17 or 21, such as the one that Maven runs on. */
    private static Optional<Path> olderJava() throws IOException {
        if (!Files.isDirectory(FOLDER)) {
            return Optional.empty();
        }
        try (var homes = Files.list(FOLDER)) {
            return homes.filter(home -> home.getFileName().toString().matches(".*\\b(17|21)\\b.*"))
                    .filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .findFirst();
        }
    }

    @Test
    void anOlderJavaIsOneErrorOnTheDriverBeforeTheJob() throws IOException {
        var java = olderJava();
        assumeThat(java).isPresent();
        try (var session =
                LocalCluster.start(
                        1, Map.of("spark.executorEnv.JAVA_HOME", java.orElseThrow().toString()))) {
            var embedder = new MtlEmbedder().setModel("/models/encoder").setInputCol("text");
            var rows = session.range(5).selectExpr("string(id) text");

            assertThatThrownBy(() -> embedder.transform(rows))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageMatching(
                            "the executors run on Java (17|21), MTL needs Java 25 or newer: install"
                                    + " it on the nodes and set spark.executorEnv.JAVA_HOME to it");
        }
    }

    /** Warnings of MTL while something runs. */
    private static List<String> warningsOf(Runnable work) {
        var warnings = Collections.synchronizedList(new ArrayList<String>());
        var appender =
                new AbstractAppender("captured", null, null, true, Property.EMPTY_ARRAY) {
                    @Override
                    public void append(LogEvent event) {
                        if (event.getLevel() == Level.WARN
                                && event.getLoggerName().startsWith("dev.mtl")) {
                            warnings.add(event.getMessage().getFormattedMessage());
                        }
                    }
                };
        appender.start();
        var root = ((LoggerContext) LogManager.getContext(false)).getRootLogger();
        root.addAppender(appender);
        try {
            work.run();
        } finally {
            root.removeAppender(appender);
        }
        return warnings;
    }

    @Test
    void aFaultOfTheJavaIsWarnedOfOnTheDriver(@TempDir Path folder) throws IOException {
        assumeThat(Runtime.version().feature()).isEqualTo(25);
        var model = LocalSpark.encoder(folder.resolve("encoder")).toString();
        try (var session =
                LocalCluster.start(
                        1,
                        Map.of(
                                "spark.executor.extraJavaOptions",
                                "-XX:+UseCompactObjectHeaders"))) {
            var embedder = new MtlEmbedder().setModel(model).setInputCol("text");
            var rows = session.range(5).selectExpr("string(id) text");

            assertThat(warningsOf(() -> embedder.transform(rows)))
                    .anySatisfy(
                            warning ->
                                    assertThat(warning)
                                            .startsWith("executors: compact object headers can")
                                            .contains("JDK-8380060"));
        }
    }
}
