package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
                ToyTask.configuration(
                        folder,
                        """
                        alike:
                          head: pairs
                          use_bias: true
                          kind: squared
                          step: {power: 2}
                          names: [one, two]
                          weights: {same: 0.5}
                          note: a note
                          data: {format: csv, train: "%1$s", validation: "%1$s", text_columns: [first, second]}
                        """
                                .formatted(data),
                        "epochs: 25, base_lr: 5.0e-3",
                        model);
        training = mtl("train", config.toString());
    }

    private static Call mtl(String command, String... args) {
        var all = new ArrayList<>(List.of(command, "--plugins", jar.toString()));
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

    /** What comes of asking the model with another jar than it was trained with. */
    private static Call askWith(Path other) throws IOException {
        var input =
                Files.writeString(
                        folder.resolve("pair.jsonl"),
                        "{\"a\": \"book blue\", \"b\": \"play blue\"}\n".repeat(3));
        return Call.mtl(
                folder.resolve("cache"),
                "predict",
                "--plugins",
                other.toString(),
                "--model",
                model.toString(),
                "--input",
                input.toString(),
                "--text-field=a,b");
    }

    @Test
    void aPredictionOfAnotherVersionOfTheInterfaceIsRefused() throws IOException {
        var sources =
                new ArrayList<>(
                        List.of(
                                PluginJar.pairs(
                                        "@Override public String toText() { return label; }", "")));
        sources.addAll(
                List.of(
                        "dev/mtl/core/head/Prediction.java",
                        "package dev.mtl.core.head; public interface Prediction {"
                                + " java.util.Map<String, Object> toJson(); }"));
        var old = PluginJar.of(folder, "old", sources.toArray(String[]::new));

        var call = askWith(old);

        assertThat(call.code()).as(call.err()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err())
                .startsWith("mtl: plugin " + old + ": org.example.PairHead$Said: was built against")
                .contains("dev.mtl.core.head.Prediction.toText()")
                .hasLineCount(1);
    }

    @Test
    void aHeadWithTooFewPredictionsIsNamed() throws IOException {
        var few =
                PluginJar.of(
                        folder,
                        "few",
                        PluginJar.pairs("return said;", "return said.subList(1, said.size());"));

        var call = askWith(few);

        assertThat(call.code()).as(call.err()).isEqualTo(1);
        assertThat(call.err())
                .startsWith("mtl: task 'alike': plugin " + few + ": org.example.PairHead gives ")
                .containsPattern("gives [0-2] predictions for [1-3] examples\n$");
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
                .contains(
                        "no task of this model takes 3 texts (alike: 2 texts): give JSON lines with"
                                + " --input");
    }
}
