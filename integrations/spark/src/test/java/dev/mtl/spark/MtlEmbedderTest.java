package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;

import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class MtlEmbedderTest {
    @TempDir static Path folder;

    private static Path model = Path.of("");

    @BeforeAll
    static void write() {
        model = LocalSpark.encoder(folder.resolve("encoder"));
    }

    private static MtlEmbedder embedder() {
        return new MtlEmbedder().setModel(model.toString()).setInputCol("text");
    }

    private static float[][] expected(List<String> texts) {
        try (var encoder = SentenceEncoder.load(model.toString(), EncoderOptions.defaults())) {
            return encoder.encode(texts);
        }
    }

    /** By id, which are the numbers from 0. */
    private static void assertEmbedded(Dataset<Row> rows, List<String> texts) {
        var expected = expected(texts);
        var found = rows.orderBy("id").select("id", "embedding").collectAsList();
        assertThat(found).hasSize(texts.size());
        for (int i = 0; i < expected.length; i++) {
            assertThat(found.get(i).getLong(0)).isEqualTo(i);
            List<Float> values = found.get(i).getList(1);
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(values.get(j)).isCloseTo(expected[i][j], within(1e-5f));
            }
        }
    }

    @Test
    void embedsParquetAndKeepsTheOtherColumns() {
        var texts = LocalSpark.texts(500);
        var in = folder.resolve("texts").toString();
        var out = folder.resolve("embedded").toString();
        LocalSpark.rows(texts).repartition(3).write().parquet(in);

        var session = LocalSpark.session();
        embedder().transform(session.read().parquet(in)).write().parquet(out);

        var written = session.read().parquet(out);
        assertThat(written.columns()).containsExactly("id", "text", "tags", "embedding");
        assertThat(written.schema().apply("embedding").dataType().simpleString())
                .isEqualTo("array<float>");
        assertEmbedded(written, texts);
        for (var row : written.collectAsList()) {
            assertThat(row.getString(1)).isEqualTo(texts.get((int) row.getLong(0)));
            assertThat(row.<String>getList(2)).containsExactly("t" + row.getLong(0), null);
        }
    }

    @Test
    void addsNoShuffle() {
        var plan =
                embedder()
                        .transform(LocalSpark.rows(LocalSpark.texts(3)))
                        .queryExecution()
                        .executedPlan()
                        .toString();

        assertThat(plan).contains("MapPartitions").doesNotContain("Exchange");
    }

    @Test
    void givesNullForNullAndAnEmbeddingForNoWords() {
        var rows =
                embedder()
                        .transform(LocalSpark.rows(Arrays.asList("play", null, "", null)))
                        .orderBy("id")
                        .collectAsList();

        assertThat(rows.stream().map(row -> row.isNullAt(3)).toList())
                .containsExactly(false, true, false, true);
        assertThat(rows.get(2).getList(3)).hasSize(32);
    }

    @Test
    void givesVectorsOfSparkMl() {
        var texts = List.of("play the song", "in paris");
        var row =
                embedder()
                        .setOutputType("vector")
                        .setOutputCol("features")
                        .transform(LocalSpark.rows(texts))
                        .orderBy("id")
                        .first();
        Vector vector = row.getAs("features");

        assertThat(vector.toArray()[5]).isCloseTo(expected(texts)[0][5], within(1e-5));
    }

    @Test
    void isSavedInAPipelineAndReadByAnotherSession() throws Exception {
        var pipeline =
                new Pipeline()
                        .setStages(
                                new PipelineStage[] {
                                    embedder().setMaxLength(12).setPrecision("int8"),
                                    embedder().setOutputCol("features").setOutputType("vector")
                                });
        var path = folder.resolve("pipeline").toString();
        var rows = LocalSpark.rows(LocalSpark.texts(20));
        pipeline.fit(rows).write().overwrite().save(path);

        var session = LocalSpark.session().newSession();
        var loaded = PipelineModel.read().session(session).load(path);

        assertThat(loaded.stages()).hasSize(2);
        assertThat(loaded.stages()[0].extractParamMap().toString())
                .isEqualTo(pipeline.getStages()[0].extractParamMap().toString());
        assertThat(loaded.transform(rows).columns())
                .containsExactly("id", "text", "tags", "embedding", "features");
        assertThat(loaded.transform(rows).count()).isEqualTo(20);

        var alone = folder.resolve("embedder").toString();
        embedder().setDimensions(8).save(alone);
        List<Float> first = MtlEmbedder.load(alone).transform(rows).first().getList(3);
        assertThat(first).hasSize(8);
    }

    @Test
    void embedsEachBatchOfAStreamOnce() throws Exception {
        var texts = LocalSpark.texts(60);
        var in = folder.resolve("arriving");
        var out = folder.resolve("arrived").toString();
        LocalSpark.rows(texts).repartition(3).write().parquet(in.toString());
        var session = LocalSpark.session();
        var embedder = embedder();
        var query =
                session.readStream()
                        .schema(LocalSpark.TEXTS)
                        .option("maxFilesPerTrigger", 1)
                        .parquet(in.toString())
                        .writeStream()
                        .foreachBatch(
                                (batch, id) -> {
                                    embedder.transform(batch).write().mode("append").parquet(out);
                                })
                        .option("checkpointLocation", folder.resolve("checkpoint").toString())
                        .trigger(Trigger.AvailableNow())
                        .start();
        query.awaitTermination();

        assertThat(Files.list(folder.resolve("checkpoint/commits"))).hasSizeGreaterThan(3);
        assertEmbedded(session.read().parquet(out), texts);
    }

    @Test
    void refusesWhatCannotBe() {
        var rows = LocalSpark.rows(List.of("play"));

        assertRefused(() -> embedder().setInputCol("txt").transform(rows), "no column 'txt'");
        assertRefused(() -> embedder().setInputCol("id").transform(rows), "is of type bigint");
        assertRefused(
                () -> embedder().setOutputCol("tags").transform(rows), "there is a column 'tags'");
        assertRefused(
                () -> new MtlEmbedder().setInputCol("text").transform(rows), "set model: a folder");
        assertThatThrownBy(() -> embedder().setPrecision("fp8"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("precision");
    }

    @Test
    void refusesAModelThatIsNotThereBeforeTheJob() {
        var rows = LocalSpark.rows(List.of("play"));

        assertRefused(
                () -> embedder().setModel("/models/none").transform(rows),
                "no model '/models/none'");
        assertRefused(
                () -> embedder().setModel("spark-files:none").transform(rows),
                "spark-files:none: there is no folder");
        assertRefused(() -> embedder().setPromptName("quarry").transform(rows), "quarry");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    private static long loadedModels() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("mtl-encoder-1"))
                .count();
    }

    @Test
    void tasksAndTransformersOfEqualSettingsShareAModel() {
        embedder().transform(LocalSpark.rows(List.of("play"))).count();
        long loaded = loadedModels();
        var rows = LocalSpark.rows(LocalSpark.texts(200)).repartition(8);
        var twice =
                embedder()
                        .setOutputCol("again")
                        .transform(embedder().transform(rows))
                        .select("embedding", "again")
                        .collectAsList();

        assertThat(loaded).isPositive();
        assertThat(loadedModels()).isEqualTo(loaded);
        assertThat(twice).hasSize(200);
        for (var row : twice) {
            List<Float> first = row.getList(0);
            List<Float> again = row.getList(1);
            for (int i = 0; i < first.size(); i++) {
                assertThat(again.get(i)).isCloseTo(first.get(i), within(1e-5f));
            }
        }
    }
}
