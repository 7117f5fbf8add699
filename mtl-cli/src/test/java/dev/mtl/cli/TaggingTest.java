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
    private static Path model = Path.of("");
    private static Call training = new Call(0, "", "");

    @BeforeAll
    static void train() throws IOException {
        // without prefixes, so that neighbours of one type are one entity, but two words
        Files.writeString(
                folder.resolve("a.conll"),
                "book O\nthe O\nblue colour\nred colour\nroom O\n\nplay O\nsong O\n\n".repeat(12));
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        words:
                          head: tagging
                          data: {format: conll, train: "%1$s/a.conll", validation: "%1$s/a.conll"}
                        entities:
                          head: token-classification
                          data: {format: conll, train: "%1$s/a.conll", validation: "%1$s/a.conll"}
                        """
                                .formatted(folder),
                        "epochs: 20, base_lr: 5.0e-3",
                        model);
        training = mtl("train", config.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void learnsTagsAsTheyAreBesideEntities() throws IOException {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast();
        assertThat(last.at("/tasks/words/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/tasks/entities/f1").asDouble()).isEqualTo(1);
        assertThat(Files.readString(model.resolve("heads/words/head.json")))
                .contains("\"O\"", "\"colour\"")
                .doesNotContain("B-colour");
        assertThat(Files.readString(model.resolve("heads/entities/head.json")))
                .contains("B-colour");
    }

    @Test
    void predictsATagForEachWord() {
        var said =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--format=json",
                        "book the blue red room");
        assertThat(said.code()).as(said.err()).isZero();
        var tasks = said.json().getFirst().at("/tasks");
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
        var said =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        folder.resolve("a.conll").toString(),
                        "--output",
                        rows.toString());
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(Files.readString(rows).lines().findFirst().orElseThrow())
                .contains("\"gold\":[\"O\",\"O\",\"colour\",\"colour\",\"O\"]")
                .contains("\"gold\":[{\"text\":\"blue red\",\"label\":\"colour\"");
    }

    @Test
    void isExportedAsOnnx() {
        ToyTask.requireOnnxExport(folder, model, "words");
    }
}
