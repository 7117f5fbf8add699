package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class TunedThresholdsTest {
    @TempDir private Path folder;

    @Test
    void trainingEndsWithFittingThemAndTheModelIsSavedWithThem() throws IOException {
        var rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 60; i++) {
            var blue = i % 2 == 0 ? " blue" : "";
            var red = i % 5 == 0 ? " red" : "";
            var labels = (blue + (blue.isEmpty() || red.isEmpty() ? "" : ";") + red).strip();
            rows.append("the%s%s book%s,%s\n".formatted(blue, red, " the".repeat(i % 4), labels));
        }
        Files.writeString(folder.resolve("topics.csv"), rows);
        var model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        topics:
                          head: multi-label-classification
                          data: {format: csv, train: "%1$s/topics.csv", validation: "%1$s/topics.csv", label_separator: ";"}
                        """
                                .formatted(folder),
                        "epochs: 2, base_lr: 3.0e-3",
                        model);
        var training =
                Call.mtl(folder.resolve("cache"), "train", config.toString(), "--format", "json");
        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.err()).contains("task 'topics': fitted to the validation data, f1 ");
        double plain = training.json().getLast().at("/tasks/topics/f1").asDouble();
        var evaluated =
                Call.mtl(
                        folder.resolve("cache"),
                        "evaluate",
                        "--model",
                        model.toString(),
                        "--format",
                        "json");
        assertThat(evaluated.json().getFirst().at("/tasks/topics/f1").asDouble())
                .isGreaterThanOrEqualTo(plain)
                .isGreaterThan(0.5);
        // the step that the best model was saved after, not the last
        var best =
                training.json().stream()
                        .filter(line -> line.path("best").asBoolean())
                        .reduce((_, later) -> later)
                        .orElseThrow();
        assertThat(new JsonMapper().readTree(model.resolve("mtl.json").toFile()).at("/scores/step"))
                .isEqualTo(best.path("step"));
        var settings =
                new JsonMapper()
                        .readTree(model.resolve("heads/topics/head.json").toFile())
                        .path("settings");
        assertThat(settings.path("thresholds").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("blue", "red");
    }
}
