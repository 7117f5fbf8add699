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
    @TempDir static Path folder;
    private static PairPlugin plugin;

    @BeforeAll
    static void buildAndTrain() throws IOException {
        plugin =
                PairPlugin.train(
                        folder,
                        PluginJar.pairs(),
                        """
                        use_bias: true
                        kind: squared
                        step: {power: 2}
                        names: [one, two]
                        weights: {same: 0.5}
                        note: a note
                        """,
                        "epochs: 25, base_lr: 5.0e-3");
    }

    @Test
    void learns() {
        plugin.assertLearned();
    }

    @Test
    void isLoadedEvaluatedAndAsked() throws IOException {
        plugin.assertLoadedEvaluatedAndAsked();
    }

    @Test
    void itsSettingsAreSavedByTheirComponentsAlone() throws IOException {
        var head =
                new JsonMapper()
                        .readTree(Files.readString(plugin.model().resolve("heads/alike/head.json")))
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
                plugin.model().toString(),
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
                plugin.mtl(
                        "predict",
                        "--model",
                        plugin.model().toString(),
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
