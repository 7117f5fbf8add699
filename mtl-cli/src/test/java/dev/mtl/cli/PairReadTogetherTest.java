package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A plugin's head that reads two texts together, from YAML to predictions. */
class PairReadTogetherTest {
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    @TempDir static Path folder;
    private static Path jar = Path.of("");
    private static Path model = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void buildAndTrain() throws IOException {
        jar =
                PluginJar.of(
                        folder,
                        "together",
                        PluginJar.pairs(
                                "HeadInput.SENTENCES",
                                "HeadInput.PAIR",
                                "@Override public TextArity textArity() { return"
                                        + " TextArity.exactly(2); }",
                                "",
                                "var input = inputs.sentences();",
                                "",
                                "input.select(1, 0).sub(input.select(1, 1))",
                                "inputs.pair()",
                                "off.square()",
                                "off"));
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
                          data: {format: csv, train: "%1$s", validation: "%1$s", text_columns: [first, second]}
                        """
                                .formatted(data),
                        "epochs: 40, base_lr: 5.0e-3",
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
    void learnsARelationThatNeitherTextShowsAlone() {
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
    void itsInputIsNamedBesideItsWeights() throws IOException {
        assertThat(model.resolve("heads/alike/head.json"))
                .content()
                .contains("\"input\" : \"PAIR\"");
    }
}
