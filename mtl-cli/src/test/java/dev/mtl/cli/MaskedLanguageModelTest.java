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
    private static ToyRun run;

    @BeforeAll
    static void train() throws IOException {
        var rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 16; i++) {
            rows.append("play the queen song,Play\nbook the blue room,Book\n");
        }
        Files.writeString(folder.resolve("rows.csv"), rows);
        run =
                ToyRun.train(
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
                        """,
                        "epochs: 40, base_lr: 5.0e-3, evaluate_every: 20 epochs");
    }

    @Test
    void learnsTheTextsBesideAnotherTaskOfTheSameFile() {
        var last = run.lastScores();
        assertThat(last.at("/intent/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/texts/perplexity").asDouble())
                .as("105 before training")
                .isLessThan(20);
        assertThat(last.at("/texts/accuracy").asDouble()).isGreaterThan(0.3);
    }

    @Test
    void sayTheSameOfATextEveryTimeAndLeaveOtherTasksTheirTexts() {
        var tasks = run.predict("book the blue room");
        assertThat(run.predict("book the blue room")).isEqualTo(tasks);
        assertThat(tasks.at("/intent/label").asText()).isEqualTo("Book");
        assertThat(tasks.at("/texts/tokens").asInt()).isPositive();
        assertThat(tasks.at("/texts/perplexity").asDouble()).isPositive();
    }

    @Test
    void fillsTheMasksOfATextThatHasSome() {
        var text = "book the [MASK] [MASK]";
        var said = run.predict(text, "--top-k=3").path("texts");
        assertThat(said.path("text").asText()).isEqualTo("book the blue room");
        var mask = said.at("/masks/0");
        assertThat(text.substring(mask.path("start").asInt(), mask.path("end").asInt()))
                .isEqualTo("[MASK]");
        assertThat(mask.path("token").asText()).isEqualTo("blue");
        assertThat(mask.path("tokens")).hasSize(3);
        assertThat(mask.at("/tokens/0/score").asDouble())
                .isEqualTo(mask.path("score").asDouble())
                .isGreaterThan(mask.at("/tokens/1/score").asDouble());
        assertThat(run.predict(text, "--tasks=intent").fieldNames())
                .toIterable()
                .containsExactly("intent");
    }

    @Test
    void isExportedForTransformersAndNotAsOnnx() throws IOException {
        assertThat(Files.readString(run.export("texts", "transformers").resolve("config.json")))
                .contains("BertForMaskedLM");
        var onnx = folder.resolve("onnx").toString();
        var export =
                run.mtl(
                        "export",
                        "--model",
                        run.model().toString(),
                        "--head",
                        "texts",
                        "--to",
                        "onnx",
                        onnx);
        assertThat(export.code()).isEqualTo(2);
        assertThat(export.err()).contains("only a head that is one linear layer");
    }
}
