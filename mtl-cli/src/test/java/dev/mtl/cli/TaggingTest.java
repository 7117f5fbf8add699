package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Words as entities and words as words, from one column of a file to predictions. */
class TaggingTest {
    @TempDir static Path folder;
    private static ToyRun run;

    @BeforeAll
    static void train() throws IOException {
        // without prefixes, so that neighbours of one type are one entity, but two words
        Files.writeString(
                folder.resolve("a.conll"),
                "book O\nthe O\nblue colour\nred colour\nroom O\n\nplay O\nsong O\n\n".repeat(12));
        run =
                ToyRun.train(
                        folder,
                        """
                        words:
                          head: tagging
                          data: {format: conll, train: "%1$s/a.conll", validation: "%1$s/a.conll"}
                        entities:
                          head: token-classification
                          data: {format: conll, train: "%1$s/a.conll", validation: "%1$s/a.conll"}
                        """,
                        "epochs: 20, base_lr: 5.0e-3");
    }

    @Test
    void learnsTagsAsTheyAreBesideEntities() throws IOException {
        var last = run.lastScores();
        assertThat(last.at("/words/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/entities/f1").asDouble()).isEqualTo(1);
        assertThat(Files.readString(run.model().resolve("heads/words/head.json")))
                .contains("\"O\"", "\"colour\"")
                .doesNotContain("B-colour");
        assertThat(Files.readString(run.model().resolve("heads/entities/head.json")))
                .contains("B-colour");
    }

    @Test
    void predictsATagForEachWord() {
        var tasks = run.predict("book the blue red room");
        assertThat(tasks.at("/words/words"))
                .extracting(word -> word.path("label").asText())
                .containsExactly("O", "O", "colour", "colour", "O");
        assertThat(tasks.at("/words/words/2/start").asInt()).isEqualTo(9);
        assertThat(tasks.at("/entities/entities"))
                .extracting(entity -> entity.path("text").asText())
                .containsExactly("blue red");
    }

    @Test
    void writesTheTagsOfAFileBesideThePredictions() throws IOException {
        var rows = folder.resolve("rows.jsonl");
        run.onModel(
                "predict",
                "--input",
                folder.resolve("a.conll").toString(),
                "--output",
                rows.toString());
        assertThat(Files.readString(rows).lines().findFirst().orElseThrow())
                .contains("\"gold\":[\"O\",\"O\",\"colour\",\"colour\",\"O\"]")
                .contains("\"gold\":[{\"text\":\"blue red\",\"label\":\"colour\"");
    }

    @Test
    void isExportedAsOnnx() {
        assertThat(run.export("words", "onnx").resolve("model.onnx")).exists();
    }
}
