package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Masked texts as an auxiliary task on the file of another one, from YAML to predictions. */
class MaskedLanguageModelTest {
    @TempDir static Path folder;
    private static Path model = Path.of("");
    private static Call training = new Call(0, "", "");

    @BeforeAll
    static void train() throws IOException {
        var rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 16; i++) {
            rows.append("play the queen song,Play\nbook the blue room,Book\n");
        }
        Files.writeString(folder.resolve("rows.csv"), rows);
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        intent:
                          head: classification
                          data: {format: csv, train: "%1$s/rows.csv", validation: "%1$s/rows.csv"}
                        texts:
                          head: masked-language-model
                          probability: 0.3
                          whole_words: true
                          data: {format: csv, train: "%1$s/rows.csv", validation: "%1$s/rows.csv", kind: none}
                        """
                                .formatted(folder),
                        "epochs: 40, base_lr: 5.0e-3, evaluate_every: 20 epochs",
                        model);
        training = mtl("train", config.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void learnsTheTextsBesideAnotherTaskOfTheSameFile() {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast();
        assertThat(last.at("/tasks/intent/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/tasks/texts/perplexity").asDouble())
                .as("105 before training")
                .isLessThan(20);
        assertThat(last.at("/tasks/texts/accuracy").asDouble()).isGreaterThan(0.3);
    }

    @Test
    void sayTheSameOfATextEveryTimeAndLeaveOtherTasksTheirTexts() {
        var one =
                mtl("predict", "--model", model.toString(), "--format=json", "book the blue room");
        var other =
                mtl("predict", "--model", model.toString(), "--format=json", "book the blue room");
        assertThat(one.code()).as(one.err()).isZero();
        assertThat(one.out()).isEqualTo(other.out());
        var tasks = one.json().getFirst().at("/tasks");
        assertThat(tasks.at("/intent/label").asText()).isEqualTo("Book");
        assertThat(tasks.at("/texts/tokens").asInt()).isPositive();
        assertThat(tasks.at("/texts/perplexity").asDouble()).isPositive();
    }

    @Test
    void cannotBeExported() {
        var export =
                mtl(
                        "export",
                        "--model",
                        model.toString(),
                        "--head",
                        "texts",
                        "--to",
                        "onnx",
                        folder.resolve("onnx").toString());
        assertThat(export.code()).isEqualTo(2);
        assertThat(export.err()).contains("only a head that is one linear layer");
    }
}
