package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Two models that differ in their calibration alone, on data of which a fifth is mislabelled. */
class CalibrationTest {
    private static final List<String> TEXTS = List.of("book the room", "play the red song");

    @TempDir private static Path folder;
    private static Path config = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void train() throws IOException {
        Files.writeString(folder.resolve("train.csv"), rows(96));
        Files.writeString(folder.resolve("dev.csv"), rows(60));
        config =
                ToyTask.configuration(
                        folder,
                        """
                        intent:
                          head: classification
                          data: {format: csv, train: "%1$s/train.csv", validation: "%1$s/dev.csv"}
                        """
                                .formatted(folder),
                        "epochs: 3, base_lr: 3.0e-3",
                        folder.resolve("unused"));
        training = train("calibrated");
        train("plain", "--set", "tasks.intent.calibrate=false");
    }

    private static String rows(int count) {
        var rows = new StringBuilder("text,label\n");
        for (int i = 0; i < count; i++) {
            boolean book = i % 2 == 0;
            boolean mislabelled = i % 5 == 0;
            rows.append("the ".repeat(i % 6))
                    .append(book ? "book the room" : "play the red song")
                    .append(book ^ mislabelled ? ",Book\n" : ",Play\n");
        }
        return rows.toString();
    }

    private static Call train(String name, String... options) {
        var args = new ArrayList<>(List.of("train", config.toString(), "--format", "json"));
        args.addAll(List.of("--output", folder.resolve(name).toString()));
        args.addAll(List.of(options));
        var call = Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        return call;
    }

    private static JsonNode onModel(String command, String name, String... more) {
        var args = new ArrayList<>(List.of(command, "--format", "json", "--model"));
        args.add(folder.resolve(name).toString());
        args.addAll(List.of(more));
        var call = Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        return call.json().getFirst().path("tasks").path("intent");
    }

    private static JsonNode json(String file) throws IOException {
        return new JsonMapper().readTree(folder.resolve(file).toFile());
    }

    @Test
    void trainingEndsWithFittingATemperature() throws IOException {
        var settings = json("calibrated/heads/intent/head.json").path("settings");

        assertThat(settings.path("temperature").isNumber()).isTrue();
        assertThat(json("plain/heads/intent/head.json").at("/settings/temperature").isNull())
                .isTrue();
        assertThat(training.err())
                .containsPattern(
                        "task 'intent': fitted to the validation data, accuracy 0\\.[0-9]+, before"
                                + " 0\\.[0-9]+; ece ");
    }

    @Test
    void theWeightsHaveTheBitsOfATrainingWithoutCalibration() throws IOException {
        for (var file : List.of("model.safetensors", "heads/intent/head.safetensors")) {
            assertThat(folder.resolve("calibrated").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("plain").resolve(file));
        }
    }

    @Test
    void labelsAreTheSameAndScoresAreOther() {
        for (var text : TEXTS) {
            var calibrated = onModel("predict", "calibrated", text);
            var plain = onModel("predict", "plain", text);
            assertThat(calibrated.path("label")).isEqualTo(plain.path("label"));
            assertThat(calibrated.path("score")).isNotEqualTo(plain.path("score"));
        }
    }

    @Test
    void evaluateHasTheCalibrationErrorBeforeAndAfter() {
        var calibrated = onModel("evaluate", "calibrated");
        var plain = onModel("evaluate", "plain");

        assertThat(calibrated.path("accuracy")).isEqualTo(plain.path("accuracy"));
        assertThat(calibrated.path("ece_uncalibrated").asDouble())
                .isEqualTo(plain.path("ece").asDouble());
        assertThat(calibrated.path("ece").asDouble())
                .isLessThan(calibrated.path("ece_uncalibrated").asDouble());
        assertThat(plain.has("ece_uncalibrated")).isFalse();
    }

    @Test
    void theReportAndTheCardHaveItToo() throws IOException {
        assertThat(Files.readString(folder.resolve("calibrated.run/report.html")))
                .contains("<b>fitted</b>: ", ">ece</td>");
        assertThat(Files.readString(folder.resolve("calibrated/README.md")))
                .containsPattern("\\| intent \\| .*, ece 0\\.[0-9]+, ece_uncalibrated 0\\.[0-9]+ ")
                .contains("`ece` is the expected calibration error");
        assertThat(json("calibrated/mtl.json").at("/scores/tasks/intent/ece").isNumber()).isTrue();
    }
}
