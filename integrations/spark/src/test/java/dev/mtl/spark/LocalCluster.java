package dev.mtl.spark;

import org.apache.spark.sql.SparkSession;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Executors that are processes of their own. They have Spark's jars, and the jar for spark-submit
 * as {@code --jars} brings it; nothing of MTL on their class path.
 */
final class LocalCluster {
    private LocalCluster() {}

    /**
     * Starts a session.
     *
     * @param executors with a core and 1 GB each
     * @param more of Spark's settings
     */
    static SparkSession start(int executors, Map<String, String> more) throws IOException {
        SparkHome.create(Path.of(System.getenv("SPARK_HOME")));
        var builder =
                SparkSession.builder()
                        .master("local-cluster[%d,1,1024]".formatted(executors))
                        .config("spark.jars", System.getProperty("mtl.spark.jar"))
                        .config("spark.ui.enabled", "false")
                        .config("spark.sql.shuffle.partitions", "2");
        more.forEach(builder::config);
        return builder.getOrCreate();
    }

    /** The processes of the executors that run. */
    static List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .descendants()
                .filter(
                        process ->
                                process.info()
                                        .commandLine()
                                        .orElse("")
                                        .contains("CoarseGrainedExecutorBackend"))
                .toList();
    }
}
