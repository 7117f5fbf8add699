package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.testing.TinyModel;

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
                Files.writeString(
                        folder.resolve("config.yaml"),
                        """
                        model: {backbone: "%1$s", max_length: 32}
                        tasks:
                          topics:
                            head: multi-label-classification
                            data: {format: csv, train: "%2$s/topics.csv", validation: "%2$s/topics.csv", label_separator: ";"}
                        training: {epochs: 2, batch_size: 8, base_lr: 3.0e-3, layer_lr_decay: 1.0, device: cpu}
                        output: {dir: "%3$s"}
                        """
                                .formatted(
                                        TinyModel.write(folder.resolve("b"), 7, 0.1).path(),
                                        folder,
                                        model));
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
