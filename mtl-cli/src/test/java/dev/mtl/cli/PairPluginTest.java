package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A plugin's head on the embeddings of two texts, with settings of every kind. */
class PairPluginTest {
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    @TempDir static Path folder;
    private static Path jar = Path.of("");
    private static Path model = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void buildAndTrain() throws IOException {
        jar = PluginJar.of(folder, "pairs", PluginJar.pairs());
        var rows = new StringBuilder("first,second,label\n");
        for (int i = 0; i < 36; i++) {
            var colour = COLOURS.get(i % 3);
            boolean same = i / 3 % 2 == 0;
            var other = same ? colour : COLOURS.get((i + 1 + i / 6 % 2) % 3);
            rows.append("book %s,play %s,".formatted(colour, other));
            rows.append(same ? "same\n" : "different\n");
        }
        var data = Files.writeString(folder.resolve("pairs.csv"), rows);
        model = folder.resolve("model");
        var config =
                Files.writeString(
                        folder.resolve("config.yaml"),
                        """
                        model: {backbone: "%1$s", max_length: 32}
                        tasks:
                          alike:
                            head: pairs
                            use_bias: true
                            kind: squared
                            step: {power: 2}
                            names: [one, two]
                            weights: {same: 0.5}
                            note: a note
                            data: {format: csv, train: "%2$s", validation: "%2$s", text_columns: [first, second]}
                        training: {epochs: 25, batch_size: 8, base_lr: 5.0e-3, layer_lr_decay: 1.0, device: cpu}
                        output: {dir: "%3$s"}
                        """
                                .formatted(
                                        TinyModel.write(folder.resolve("backbone"), 7, 0.1).path(),
                                        data,
                                        model));
        training = mtl("train", config.toString());
    }

    private static Call mtl(String command, String... args) {
        var all = new java.util.ArrayList<>(List.of(command, "--plugins", jar.toString()));
        all.add("--format=json");
        all.addAll(List.of(args));
        return Call.mtl(folder.resolve("cache"), all.toArray(String[]::new));
    }

    @Test
    void learns() {
        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.json().getLast().at("/tasks/alike/accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void isLoadedEvaluatedAndAsked() throws IOException {
        var scores = mtl("evaluate", "--model", model.toString());
        assertThat(scores.code()).as(scores.err()).isZero();
        assertThat(scores.json().getFirst().at("/tasks/alike/accuracy").asDouble()).isEqualTo(1);

        var input =
                Files.writeString(
                        folder.resolve("input.jsonl"),
                        """
                        {"a": "book blue", "b": "play blue"}
                        {"a": "book blue", "b": "play red"}
                        """);
        var said =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        input.toString(),
                        "--text-field=a,b");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json())
                .extracting(json -> json.at("/tasks/alike/label").asText())
                .containsExactly("same", "different");
    }

    @Test
    void itsSettingsAreSavedByTheirComponentsAlone() throws IOException {
        var head =
                new JsonMapper()
                        .readTree(Files.readString(model.resolve("heads/alike/head.json")))
                        .path("settings");

        assertThat(head)
                .isEqualTo(
                        new JsonMapper()
                                .readTree(
                                        """
                                        {"dropout": 0.0, "use_bias": true, "kind": "SQUARED",
                                         "step": {"power": 2}, "names": ["one", "two"],
                                         "weights": {"same": 0.5}, "note": "a note"}
                                        """));
    }

    @Test
    void aNumberOfTextsThatItDoesNotTakeIsRefused() throws IOException {
        var three = Files.writeString(folder.resolve("three.jsonl"), "{}\n");
        var call =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        three.toString(),
                        "--text-field=a,b,c");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .contains("no task of this model takes 3 texts (alike: 2 texts): give --input");
    }
}
