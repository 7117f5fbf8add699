package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mtl.core.ConfigurationException;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An executor on a Java that Spark runs on and MTL does not. */
class OlderJavaIT {
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
    void isOneErrorOnTheDriverBeforeTheJob() throws IOException {
        var java = olderJava();
        assumeThat(java).isPresent();
        SparkHome.create(Path.of(System.getenv("SPARK_HOME")));
        try (var session =
                SparkSession.builder()
                        .master("local-cluster[1,1,1024]")
                        .config("spark.jars", System.getProperty("mtl.spark.jar"))
                        .config("spark.executorEnv.JAVA_HOME", java.orElseThrow().toString())
                        .config("spark.ui.enabled", "false")
                        .getOrCreate()) {
            var embedder = new MtlEmbedder().setModel("/models/encoder").setInputCol("text");
            var rows = session.range(5).selectExpr("string(id) text");

            assertThatThrownBy(() -> embedder.transform(rows))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageMatching(
                            "the executors run on Java (17|21), MTL needs Java 25 or newer: install"
                                    + " it on the nodes and set spark.executorEnv.JAVA_HOME to it");
        }
    }
}
