package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code mtl train} does before, or instead of, any training. */
class TrainCommandTest {
    @TempDir static Path folder;
    private static Path config = Path.of("");

    @BeforeAll
    static void writeConfiguration() throws IOException {
        config = ToyTask.write(folder, "epochs: 12", folder.resolve("model"));
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void refusesAnOutputDirectoryWithOtherFiles() throws IOException {
        var work = Files.createDirectories(folder.resolve("work"));
        var thesis = Files.writeString(work.resolve("thesis.tex"), "years of work");

        var call = mtl("train", config.toString(), "--output", work.toString());

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("mtl: " + work + " exists already and is not a trained");
        assertThat(thesis).hasContent("years of work");
    }

    @Test
    void printConfigPrintsEveryDefaultWithoutTraining() {
        var call = mtl("train", config.toString(), "--set", "training.seed=7", "--print-config");

        assertThat(call.code()).isZero();
        assertThat(call.err()).isEmpty();
        assertThat(call.out())
                .contains("seed: 7", "gradient_accumulation_steps: 1", "# learning rate of the");
    }

    @Test
    void theOutputOfPrintConfigLoadsToTheSameConfiguration() throws IOException {
        var printed = mtl("train", config.toString(), "--print-config").out();
        var file = Files.writeString(folder.resolve("printed.yaml"), printed);

        assertThat(mtl("train", file.toString(), "--print-config").out()).isEqualTo(printed);
    }

    @Test
    void reportsAnUnknownKeyWithItsLine() throws IOException {
        var text = Files.readString(config).replace("batch_size", "batchsize");
        var file = Files.writeString(folder.resolve("wrong.yaml"), text);

        var call = mtl("train", file.toString());

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).startsWith("mtl: " + file + ":9: ").contains("batchsize");
    }

    @Test
    void aMissingDataFileIsAMistakeOfTheConfigurationFoundBeforeTraining() {
        var call = mtl("train", config.toString(), "--set", "tasks.intent.data.train=nowhere");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains("mtl: nowhere: no such directory");
    }

    @Test
    void anOptionThatIsAKeyIsAnsweredWithSet() {
        for (var call :
                java.util.List.of(
                        mtl("train", "--epochs", "3", config.toString()),
                        mtl("train", config.toString(), "--epochs", "3"),
                        mtl("train", config.toString(), "--epochs=3"))) {
            assertThat(call.code()).isEqualTo(2);
            assertThat(call.err())
                    .contains(
                            "Unknown option: '--epochs'; it is a key of the configuration: --set"
                                    + " training.epochs=3");
        }
        assertThat(mtl("train", config.toString(), "--batch-size", "3").err())
                .contains("--set training.batch_size=3");
    }

    @Test
    void aValueThatAnOptionDoesNotTakeIsAnsweredWithThoseThatItTakes() {
        var call = mtl("evaluate", "--model", "x", "--split", "dev");
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .startsWith(
                        "mtl: --split: no 'dev'; known: train, validation, test; did you mean"
                                + " 'validation'?\n");
        assertThat(mtl("train", config.toString(), "--format", "jsn").err())
                .startsWith("mtl: --format: no 'jsn'; known: text, json; did you mean 'json'?\n");
    }

    @Test
    void theConfigurationOfASavedModelNamesItsDataFromAnywhere() throws IOException {
        var data = java.nio.file.Files.createDirectories(Path.of("target/relative-data"));
        ToyTask.writeData(data, 1);
        var output = folder.resolve("relative");
        var call =
                mtl(
                        "train",
                        config.toString(),
                        "--output",
                        output.toString(),
                        "--set",
                        "training.max_steps=1",
                        "--set",
                        "tasks.slots.data.validation=" + data);
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(output.resolve("config.yaml"))
                .content()
                .contains("validation: \"" + data.toAbsolutePath() + "\"");
    }
}
