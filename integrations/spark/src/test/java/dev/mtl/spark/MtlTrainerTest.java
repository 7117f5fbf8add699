package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two tasks of one JVM are two processes of a training; those of two JVMs are in ClusterIT. */
class MtlTrainerTest {
    private static final int ROWS = 60;

    @TempDir static Path folder;

    private static Path yaml = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        yaml = TrainedFiles.configuration(folder);
        LocalSpark.session()
                .sparkContext()
                .hadoopConfiguration()
                .set("fs.viewfs.mounttable.trainer.link./out", folder.toUri().toString());
    }

    private static MtlTrainer trainer(String output) {
        return new MtlTrainer()
                .setConfig(yaml.toString())
                .setOutput(folder.resolve(output).resolve("model").toString())
                .setValidationIndicatorCol("held_out");
    }

    @Test
    void twoProcessesWriteTheBytesOfTheCommand() {
        var rows = TrainedFiles.rows(LocalSpark.session(), ROWS);
        var expected = TrainedFiles.ofTheCommand(yaml, rows, folder.resolve("command"));
        var predictor = trainer("two").setNumProcesses(2).fit(rows);

        assertThat(TrainedFiles.of(folder.resolve("two/model"))).isEqualTo(expected);
        assertThat(folder.resolve("two/model.rows")).doesNotExist();
        assertThat(predictor.hasParent()).isTrue();
        var texts = rows.withColumn("text", functions.concat_ws(" ", rows.col("words")));
        var predicted =
                predictor.setInputCol("text").transform(texts).select("prediction.intent.label");
        assertThat(predicted.distinct().count()).isEqualTo(2);
        assertRefused(() -> trainer("two").fit(rows), "has a model already");
    }

    @Test
    void aModelOnAHadoopFileSystemGoesOnWithMoreSteps() {
        var rows = TrainedFiles.rows(LocalSpark.session(), ROWS);
        var trainer =
                trainer("unused").setOutput("viewfs://trainer/out/remote/model").setNumProcesses(2);
        trainer.setOverrides("training.max_steps=12").fit(rows);
        assertThat(folder.resolve("remote/model.run/checkpoints")).isDirectory();
        trainer.setOverrides().setResume(true).fit(rows);
        trainer("here").setOverrides("training.max_steps=12").fit(rows);
        trainer("here").setResume(true).fit(rows);

        assertThat(TrainedFiles.of(folder.resolve("remote/model")))
                .isEqualTo(TrainedFiles.of(folder.resolve("here/model")));
        assertThat(folder.resolve("remote/model.rows")).doesNotExist();
    }

    @Test
    void whatIsWrongWithTheRowsIsOneErrorThatNamesTheProcess() {
        var rows =
                TrainedFiles.rows(LocalSpark.session(), ROWS)
                        .withColumn("intent", functions.lit(null).cast("string"));

        assertThatThrownBy(() -> trainer("bad").setNumProcesses(2).fit(rows))
                .isInstanceOf(MtlException.class)
                .hasMessageMatching(
                        "(?s)training failed: process \\d \\(.*\\):"
                                + " .*bad/model.rows/(train|validation)/part-.*");
        assertThat(folder.resolve("bad/model.rows")).doesNotExist();
    }

    @Test
    void aConfigurationThatReadsValidationRowsNeedsTheirColumn() {
        var trainer = trainer("c");
        trainer.clear(trainer.validationIndicatorCol());

        assertRefused(
                () -> trainer.fit(TrainedFiles.rows(LocalSpark.session(), 3)),
                "reads ${VALIDATION_ROWS}: set validationIndicatorCol");
    }

    @Test
    void refusesWhatCannotBeBeforeAnythingIsWritten() throws IOException {
        var rows = TrainedFiles.rows(LocalSpark.session(), 3);
        var other =
                Files.writeString(
                        folder.resolve("other.yaml"),
                        Files.readString(yaml).replace("${TRAIN_ROWS}", "train.parquet"));
        Files.createDirectories(folder.resolve("earlier/model"));

        assertRefused(() -> new MtlTrainer().fit(rows), "set config: the YAML file");
        assertRefused(
                () -> trainer("a").setConfig("none.yaml").fit(rows), "none.yaml: cannot be read");
        assertRefused(
                () -> trainer("a").setOverrides("training.epoch=2").fit(rows), "training.epoch");
        assertRefused(
                () -> trainer("a").setConfig(other.toString()).fit(rows),
                "does not read the rows: write train: \"${TRAIN_ROWS}\"");
        assertRefused(
                () -> trainer("a").setValidationIndicatorCol("intent").fit(rows),
                "no column 'intent' of booleans");
        var earlier = trainer("a").setOutput("viewfs://trainer/out/earlier/model");
        assertRefused(() -> earlier.fit(rows), "setOverwrite(true) replaces it");
        assertThat(folder.resolve("a/model.rows")).doesNotExist();
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void isSavedAsOtherEstimatorsAre() throws IOException {
        var saved = folder.resolve("trainer").toString();
        var trainer = trainer("b").setNumProcesses(4).setResume(true).setOverrides("a=1", "b=2");
        trainer.save(saved);

        var loaded = MtlTrainer.load(saved);
        assertThat(loaded.getOrDefault(loaded.config())).isEqualTo(yaml.toString());
        assertThat(loaded.getOrDefault(loaded.overrides())).containsExactly("a=1", "b=2");
        assertThat((int) loaded.getOrDefault(loaded.numProcesses())).isEqualTo(4);
        assertThat((boolean) loaded.getOrDefault(loaded.resume())).isTrue();
    }
}
