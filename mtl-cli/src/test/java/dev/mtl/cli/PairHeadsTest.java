package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The heads that read two texts together, from YAML to predictions. */
class PairHeadsTest {
    @TempDir static Path folder;
    private static Path model = Path.of("");
    private static Call training = new Call(0, "", "");

    @BeforeAll
    static void train() throws IOException {
        var rows = PairPlugin.rows();
        Files.writeString(
                folder.resolve("pairs.csv"),
                rows.replace(",label", ",label,grade")
                        .replace(",same", ",same,1")
                        .replace(",different", ",different,0"));
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        alike:
                          head: pair-classification
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: label}
                        grade:
                          head: pair-regression
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: grade, kind: value}
                        """
                                .formatted(folder),
                        "epochs: 60, base_lr: 5.0e-3",
                        model);
        training = mtl("train", config.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void learnARelationThatNeitherTextShowsAlone() {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast();
        assertThat(last.at("/tasks/alike/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/tasks/grade/pearson").asDouble()).isGreaterThan(0.95);
    }

    @Test
    void predictForPairs() throws IOException {
        var input = PairPlugin.twoPairs(folder);
        var said =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        input.toString(),
                        "--text-field=a,b",
                        "--format=json");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json())
                .extracting(json -> json.at("/tasks/alike/label").asText())
                .containsExactly("same", "different");
        assertThat(said.json().getFirst().at("/tasks/grade/value").asDouble())
                .isGreaterThan(said.json().getLast().at("/tasks/grade/value").asDouble() + 0.5);
    }

    @Test
    void areRefusedForSingleTexts() {
        var said = mtl("predict", "--model", model.toString(), "book blue");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("alike").contains("2 texts");
    }

    @Test
    void areExportedAsOnnx() {
        ToyTask.requireOnnxExport(folder, model, "alike");
    }
}
