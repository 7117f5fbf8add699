package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Embeddings and predictions in two executors. */
class ClusterIT {
    private static final int ROWS = 800;

    @TempDir static Path folder;

    private static SparkSession session = null;

    @BeforeAll
    static void start() throws IOException {
        var models = Files.createDirectories(folder.resolve("models"));
        LocalSpark.encoder(models.resolve("encoder"));
        LocalSpark.trained(models);
        zip(models, folder.resolve("models.zip"));
        session =
                LocalCluster.start(
                        2,
                        Map.of(
                                "spark.archives",
                                folder.resolve("models.zip") + "#models",
                                "spark.executorEnv.MTL_CACHE",
                                folder.resolve("cache").toString(),
                                "spark.hadoop.fs.viewfs.mounttable.test.link./models",
                                models.toUri().toString(),
                                // else a session sees none of the files that are added to its
                                // context later
                                "spark.sql.artifact.isolation.enabled",
                                "false"));
    }

    private static void zip(Path directory, Path archive) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(archive));
                var files = Files.walk(directory)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(directory.relativize(file).toString()));
                Files.copy(file, zip);
            }
        }
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    /** Kills an executor once some tasks have ended. */
    private static final class Killer extends SparkListener {
        private final AtomicInteger ended = new AtomicInteger();
        final AtomicReference<ProcessHandle> killed = new AtomicReference<>();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd taskEnd) {
            if (ended.incrementAndGet() == 4) {
                var executor = LocalCluster.executors().getFirst();
                killed.set(executor);
                executor.destroyForcibly();
            }
        }
    }

    /** 16 partitions that take half a second each, in the text's own time. */
    private static org.apache.spark.sql.Dataset<Row> slowRows() {
        var pause = functions.expr("java_method('java.lang.Thread', 'sleep', 10L)");
        return session.range(0, ROWS, 1, 16)
                .withColumn(
                        "text",
                        functions.concat(
                                functions.lit("play the song "),
                                functions.col("id"),
                                functions.coalesce(pause, functions.lit(""))));
    }

    @Test
    void everyRowIsThereOnceAfterAnExecutorWasKilled() throws IOException {
        var embedder = new MtlEmbedder().setModel("spark-files:models/encoder").setInputCol("text");
        var out = folder.resolve("embedded").toString();
        var embedded = embedder.transform(slowRows());
        var killer = new Killer();
        session.sparkContext().addSparkListener(killer);
        embedded.write().parquet(out);

        assertThat(killer.killed.get()).isNotNull();
        assertThat(killer.killed.get().isAlive()).isFalse();
        var rows = session.read().parquet(out).orderBy("id").collectAsList();
        assertThat(rows.stream().map(row -> row.getLong(0)).toList())
                .isEqualTo(IntStream.range(0, ROWS).mapToObj(Long::valueOf).toList());
        var texts = rows.stream().map(row -> row.getString(1)).toList();
        var model = folder.resolve("models/encoder").toString();
        try (var encoder = SentenceEncoder.load(model, EncoderOptions.defaults())) {
            var expected = encoder.encode(texts);
            for (int i = 0; i < ROWS; i++) {
                List<Float> values = rows.get(i).getList(2);
                for (int j = 0; j < values.size(); j++) {
                    assertThat(values.get(j)).isCloseTo(expected[i][j], within(1e-5f));
                }
            }
        }
        try (var unpacked = Files.list(folder.resolve("cache/libtorch"))) {
            assertThat(unpacked.filter(Files::isDirectory)).hasSize(1);
        }
    }

    @Test
    void aModelOfAHadoopFileSystemPredictsWithTheHeadsOfTheJar() throws IOException {
        var predicted =
                new MtlPredictor()
                        .setModel("viewfs://test/models/trained")
                        .setInputCol("text")
                        .transform(session.range(0, 50, 1, 4).selectExpr("id", "'play' text"))
                        .select("prediction.intent.label", "prediction.stars.value")
                        .distinct()
                        .collectAsList();

        assertThat(predicted).hasSize(1);
        try (var copies = Files.list(folder.resolve("cache/spark-models"))) {
            assertThat(copies.map(copy -> copy.getFileName().toString()))
                    .filteredOn(name -> name.startsWith("trained-"))
                    .hasSize(1);
        }
    }

    @Test
    void addFileBringsAFolderAndAddArchiveUnpacksOne() {
        var context = session.sparkContext();
        context.addFile("viewfs://test/models/encoder", true);
        context.addArchive(folder.resolve("models.zip") + "#unpacked");
        context.addFile(folder.resolve("models.zip").toString());
        var rows = session.range(0, 8, 1, 2).selectExpr("'play' text");

        for (var model : List.of("spark-files:encoder", "spark-files:unpacked/encoder")) {
            var embedded = new MtlEmbedder().setModel(model).setInputCol("text").transform(rows);
            assertThat(embedded.select("embedding").distinct().count()).as(model).isEqualTo(1);
        }
        var packed = new MtlEmbedder().setModel("spark-files:models.zip").setInputCol("text");
        assertThatThrownBy(() -> packed.transform(rows))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("models.zip is a file, not a folder; give the archive to");
    }
}
