package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.TextPair;
import dev.mtl.core.pipeline.ValuePrediction;

import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class MtlPredictorTest {
    private static final List<String> TEXTS =
            Arrays.asList("play the song in paris", null, "\ud83d\ude00 book paris", "");

    @TempDir static Path folder;

    private static Path model = Path.of("");
    private static Pipeline pipeline = null;

    @BeforeAll
    static void write() {
        model = LocalSpark.trained(folder);
        pipeline = Pipeline.load(model);
    }

    @AfterAll
    static void close() {
        pipeline.close();
    }

    private static MtlPredictor predictor() {
        return new MtlPredictor().setModel(model.toString()).setInputCol("text");
    }

    @Test
    void givesAStructForEachTask() {
        var rows =
                predictor()
                        .setTopK(2)
                        .setEmbeddingCol("vector")
                        .transform(LocalSpark.rows(TEXTS))
                        .orderBy("id")
                        .collectAsList();

        assertThat(rows.get(1).isNullAt(3)).isTrue();
        assertThat(rows.get(1).isNullAt(4)).isTrue();
        for (int i : new int[] {0, 2, 3}) {
            var expected = pipeline.analyze(TEXTS.get(i));
            Row prediction = rows.get(i).getAs("prediction");
            assertThat(prediction.schema().fieldNames())
                    .containsExactly("intent", "topics", "slots", "stars");

            Row intent = prediction.getAs("intent");
            var label = expected.label("intent");
            assertThat(intent.<String>getAs("label"))
                    .isEqualTo(label == null ? null : label.name());
            List<Row> best = intent.getList(intent.fieldIndex("labels"));
            assertThat(best).hasSize(2);
            assertThat(best.getFirst().getString(0))
                    .isEqualTo(expected.labels("intent").getFirst().name());
            assertThat(best.getFirst().getDouble(1))
                    .isCloseTo(expected.labels("intent").getFirst().score(), within(1e-5));

            List<Row> slots = prediction.getList(prediction.fieldIndex("slots"));
            var entities = expected.entities("slots");
            assertThat(slots).hasSameSizeAs(entities);
            for (int j = 0; j < entities.size(); j++) {
                assertThat(slots.get(j).getString(0)).isEqualTo(entities.get(j).text());
                assertThat(slots.get(j).getString(1)).isEqualTo(entities.get(j).label());
                assertThat(slots.get(j).getInt(2)).isEqualTo(entities.get(j).start());
                assertThat(slots.get(j).getInt(3)).isEqualTo(entities.get(j).end());
            }

            Row stars = prediction.getAs("stars");
            assertThat(stars.getDouble(0))
                    .isCloseTo(
                            ((ValuePrediction) expected.prediction("stars")).value(), within(1e-5));
            List<Float> vector = rows.get(i).getList(4);
            assertThat(vector.get(3)).isCloseTo(expected.embedding()[3], within(1e-5f));
        }
    }

    @Test
    void offsetsOfCodePointsAreThoseOfSql() {
        var found =
                predictor()
                        .setTasks("slots")
                        .setOffsets("codepoint")
                        .transform(LocalSpark.rows(TEXTS))
                        .select(
                                functions.col("text"),
                                functions.explode(functions.col("prediction.slots")).as("entity"))
                        .selectExpr(
                                "entity.text",
                                "substring(text, entity.start + 1, entity.end - entity.start)")
                        .collectAsList();

        assertThat(found).isNotEmpty();
        assertThat(found).allMatch(row -> row.getString(0).equals(row.getString(1)));
    }

    @Test
    void pairsAreOfTwoColumns() {
        var rows = LocalSpark.rows(TEXTS).withColumn("other", functions.lit("play the song"));
        var found =
                predictor()
                        .setSecondInputCol("other")
                        .transform(rows)
                        .orderBy("id")
                        .select("prediction.alike.value")
                        .collectAsList();

        assertThat(found.get(1).isNullAt(0)).isTrue();
        var expected = pipeline.analyzePairs(List.of(TextPair.of(TEXTS.get(0), "play the song")));
        assertThat(found.getFirst().getDouble(0))
                .isCloseTo(
                        ((ValuePrediction) expected.getFirst().prediction("alike")).value(),
                        within(1e-5));
    }

    @Test
    void isSavedInAPipelineWithItsTasks() throws Exception {
        var rows = LocalSpark.rows(TEXTS);
        var path = folder.resolve("pipeline").toString();
        new org.apache.spark.ml.Pipeline()
                .setStages(new PipelineStage[] {predictor().setTasks("stars", "intent")})
                .fit(rows)
                .save(path);

        var loaded = PipelineModel.read().session(LocalSpark.session().newSession()).load(path);

        assertThat(loaded.transform(rows).select("prediction.*").columns())
                .containsExactly("intent", "stars");
    }

    @Test
    void refusesWhatTheModelLacks() {
        var rows = LocalSpark.rows(TEXTS);

        assertRefused(() -> predictor().setTasks("slot").transform(rows), "slots");
        assertRefused(
                () -> predictor().setTasks("slots").setSecondInputCol("text").transform(rows),
                "2 texts");
        assertRefused(
                () -> predictor().setModel(folder.resolve("backbone").toString()).transform(rows),
                "is not a trained model");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
