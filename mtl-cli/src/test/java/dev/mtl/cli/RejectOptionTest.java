package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Intents with texts that have none of them, in the training and the validation data. */
class RejectOptionTest {
    @TempDir private static Path folder;
    private static Path config = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        Files.writeString(folder.resolve("train.csv"), rows(96));
        Files.writeString(folder.resolve("dev.csv"), rows(90));
        config =
                ToyTask.configuration(
                        folder,
                        """
                        intent:
                          head: classification
                          reject: {label: oos, method: energy, target_recall: 0.9}
                          data: {format: csv, train: "%1$s/train.csv", validation: "%1$s/dev.csv"}
                        """
                                .formatted(folder),
                        "epochs: 3, base_lr: 3.0e-3",
                        folder.resolve("unused"));
        for (var method : List.of("energy", "mahalanobis", "max_probability")) {
            train(method);
        }
    }

    private static String rows(int count) {
        var rows = new StringBuilder("text,label\n");
        for (int i = 0; i < count; i++) {
            rows.append("the ".repeat(i % 6))
                    .append(
                            switch (i % 3) {
                                case 0 -> "book the blue room,Book\n";
                                case 1 -> "play the red song,Play\n";
                                default -> "what is the weather in paris,oos\n";
                            });
        }
        return rows.toString();
    }

    private static void train(String method) {
        call(
                "train",
                config.toString(),
                "--format",
                "json",
                "--set",
                "tasks.intent.reject.method=" + method,
                "--output",
                folder.resolve(method).toString());
    }

    private static List<JsonNode> call(String... args) {
        var call = Call.mtl(folder.resolve("cache"), args);
        assertThat(call.code()).as(call.err()).isZero();
        return call.json();
    }

    private static JsonNode onModel(String command, String name, String... more) {
        var args = new ArrayList<>(List.of(command, "--format", "json", "--model"));
        args.add(folder.resolve(name).toString());
        args.addAll(List.of(more));
        return call(args.toArray(String[]::new)).getFirst().at("/tasks/intent");
    }

    private static JsonNode head(String model) throws IOException {
        return new JsonMapper()
                .readTree(folder.resolve(model).resolve("heads/intent/head.json").toFile());
    }

    @ParameterizedTest
    @ValueSource(strings = {"energy", "mahalanobis", "max_probability"})
    void theThresholdAcceptsTheWantedShareOfTheValidationTexts(String method) throws IOException {
        assertThat(head(method).path("labels").toString()).isEqualTo("[\"Book\",\"Play\"]");
        assertThat(head(method).at("/settings/reject/threshold").isNumber()).isTrue();

        var scores = onModel("evaluate", method);

        assertThat(scores.path("in_scope_accepted").asDouble()).isBetween(0.89, 1.0);
        assertThat(scores.path("auroc").asDouble()).isBetween(0.0, 1.0);
        assertThat(scores.path("out_of_scope_rejected").asDouble()).isBetween(0.0, 1.0);
        assertThat(scores.path("accuracy").asDouble()).isBetween(0.5, 1.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"energy", "mahalanobis", "max_probability"})
    void anEmptyTextIsRejected(String method) {
        var said = onModel("predict", method, "");

        assertThat(said.path("label").isNull()).isTrue();
        assertThat(said.path("rejected").asBoolean()).isTrue();
        assertThat(said.path("empty").asBoolean()).isTrue();
        assertThat(said.path("nearest").asText()).isIn("Book", "Play");
    }

    @Test
    void textsUnlikeTheTrainingDataAreRejectedByTheirEmbeddings() {
        assertThat(onModel("evaluate", "mahalanobis").path("auroc").asDouble()).isGreaterThan(0.95);
        assertThat(onModel("predict", "mahalanobis", "what is the weather in paris").toString())
                .startsWith("{\"label\":null,\"score\":")
                .contains("\"rejected\":true,\"nearest\":\"");
        assertThat(onModel("predict", "mahalanobis", "book the blue room").path("label").asText())
                .isEqualTo("Book");
    }

    @Test
    void theBackboneAndTheLinearLayerHaveTheSameBitsWithEveryMethod() {
        var energy = folder.resolve("energy");
        for (var method : List.of("mahalanobis", "max_probability")) {
            assertThat(folder.resolve(method).resolve("model.safetensors"))
                    .hasSameBinaryContentAs(energy.resolve("model.safetensors"));
        }
        assertThat(folder.resolve("max_probability/heads/intent/head.safetensors"))
                .hasSameBinaryContentAs(energy.resolve("heads/intent/head.safetensors"));
    }
}
