package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A head of a plugin that was trained to say whether two texts have the same colour.
 *
 * @param folder of the test
 * @param jar the plugin's
 * @param model the trained model's directory
 * @param training what the training printed
 */
record PairPlugin(Path folder, Path jar, Path model, Call training) {
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    /**
     * Builds a plugin and trains with it.
     *
     * @param sources of {@link PluginJar#pairs}
     * @param settings of the head, lines of YAML
     * @param trainingKeys keys of {@code training}, in flow style
     */
    static PairPlugin train(Path folder, String[] sources, String settings, String trainingKeys)
            throws IOException {
        var jar = PluginJar.of(folder, "pairs", sources);
        var data = Files.writeString(folder.resolve("pairs.csv"), rows());
        var model = folder.resolve("model");
        var task =
                "alike:\n  head: pairs\n"
                        + settings.indent(2)
                        + "  data: {format: csv, train: \"%1$s\", validation: \"%1$s\", text_columns: [first, second]}\n"
                                .formatted(data);
        var config = ToyTask.configuration(folder, task, trainingKeys, model);
        var plugin = new PairPlugin(folder, jar, model, new Call(-1, "", ""));
        return new PairPlugin(folder, jar, model, plugin.mtl("train", config.toString()));
    }

    /** A file of a pair of the same colour and one of two colours, in the fields a and b. */
    static Path twoPairs(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve("input.jsonl"),
                """
                {"a": "book blue", "b": "play blue"}
                {"a": "book blue", "b": "play red"}
                """);
    }

    /** 36 pairs, of which half have the same colour. */
    static String rows() {
        var rows = new StringBuilder("first,second,label\n");
        for (int i = 0; i < 36; i++) {
            var colour = COLOURS.get(i % 3);
            boolean same = i / 3 % 2 == 0;
            var other = same ? colour : COLOURS.get((i + 1 + i / 6 % 2) % 3);
            rows.append("book %s,play %s,".formatted(colour, other));
            rows.append(same ? "same\n" : "different\n");
        }
        return rows.toString();
    }

    /** Runs a command with the plugin. */
    Call mtl(String command, String... args) {
        var all = new ArrayList<>(List.of(command, "--plugins", jar.toString()));
        all.add("--format=json");
        all.addAll(List.of(args));
        return Call.mtl(folder.resolve("cache"), all.toArray(String[]::new));
    }

    void assertLearned() {
        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.json().getLast().at("/tasks/alike/accuracy").asDouble()).isEqualTo(1);
    }

    void assertLoadedEvaluatedAndAsked() throws IOException {
        var scores = mtl("evaluate", "--model", model.toString());
        assertThat(scores.code()).as(scores.err()).isZero();
        assertThat(scores.json().getFirst().at("/tasks/alike/accuracy").asDouble()).isEqualTo(1);

        var input = twoPairs(folder);
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
}
