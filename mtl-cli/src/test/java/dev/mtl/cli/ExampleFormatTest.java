package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What {@code docs/example-head} has beyond a head: the head {@code votes}, with targets and
 * attention pooling of its own, and the data format {@code blocks}.
 */
class ExampleFormatTest {
    private static final Map<String, String> VOTES =
            Map.of("blue", "low 4", "red", "low 1, high 1", "green", "high 3");

    @TempDir static Path folder;
    private static ExampleJar jar = new ExampleJar(Path.of(""), Path.of(""));
    private static Path model = Path.of("");
    private static Path config = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void buildAndTrain() throws IOException {
        jar = ExampleJar.build(folder);
        model = folder.resolve("model");
        config = configuration("blocks", blocks("train.txt", 12), blocks("dev.txt", 2));
        training = jar.mtl("train", config.toString(), "--format=json");
    }

    private static Path configuration(String format, Path train, Path validation)
            throws IOException {
        return ToyTask.configuration(
                folder,
                """
                rating:
                  head: votes
                  order: [low, high]
                  data: {format: %s, train: "%s", validation: "%s", column: votes}
                """
                        .formatted(format, train, validation),
                "epochs: 20, base_lr: 5.0e-3",
                model);
    }

    private static Path blocks(String name, int repeats) throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < repeats; i++) {
            for (var colour : ToyTask.COLOURS) {
                rows.append("text: ").append("the ".repeat(i % 5)).append("book\n  is ");
                rows.append(colour).append("\nvotes: ").append(VOTES.get(colour)).append("\n\n");
            }
        }
        return Files.writeString(folder.resolve(name), rows);
    }

    private static Call check(String... sets) {
        var args = new ArrayList<>(List.of("check", config.toString()));
        for (var set : sets) {
            args.addAll(List.of("--set", set));
        }
        return jar.mtl("data", args.toArray(String[]::new));
    }

    @Test
    void learnsFromAFormatOfThePlugin() {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast().at("/tasks/rating");
        assertThat(last.path("overlap").asDouble()).isGreaterThan(0.9);
        assertThat(last.path("accuracy").asDouble()).isEqualTo(1);
        assertThat(model.resolve("heads/rating/head.json"))
                .content()
                .contains("\"labels\" : [ \"low\", \"high\" ]");
    }

    @Test
    void partsOfTheLossAreInTheRecords() throws IOException {
        var lines = Files.readAllLines(folder.resolve("model.run/metrics.jsonl"));
        var steps = new ArrayList<JsonNode>();
        for (var line : lines) {
            var json = new JsonMapper().readTree(line);
            if (json.has("loss")) {
                steps.add(json);
            }
        }
        var first = steps.getFirst();
        double kl = first.at("/loss_parts/rating/kl").asDouble();
        assertThat(kl).isPositive().isLessThan(first.at("/tasks/rating").asDouble());
        assertThat(steps.getLast().at("/loss_parts/rating/kl").asDouble())
                .as("the loss keeps the entropy of the votes, which its part has not")
                .isBetween(-1e-6, 0.1);
        assertThat(folder.resolve("model.run/report.html"))
                .content()
                .contains("aria-label=\"rating, Parts of the loss:");
    }

    @Test
    void attentionPoolingGivesPaddingNoWeight() {
        var little = "book is blue";
        var longer = "the the the the the the the the the the the book is green";
        var alone = shares(little).getFirst();
        var padded = shares(little, longer).getFirst();
        for (var label : List.of("low", "high")) {
            assertThat(padded.path(label).asDouble())
                    .isCloseTo(alone.path(label).asDouble(), within(1e-5));
        }
        assertThat(alone.path("low").asDouble()).isGreaterThan(0.7);
    }

    private static List<JsonNode> shares(String... texts) {
        var args = new ArrayList<>(List.of("--model", model.toString(), "--format=json"));
        args.addAll(List.of(texts));
        var call = jar.mtl("predict", args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        return call.json().stream().map(json -> json.at("/tasks/rating/shares")).toList();
    }

    @Test
    void aFileOfThePluginsFormatIsPredictedAndScored() throws IOException {
        var scores = jar.mtl("evaluate", "--model", model.toString(), "--format=json");
        assertThat(scores.code()).as(scores.err()).isZero();
        assertThat(scores.json().getFirst().at("/tasks/rating/accuracy").asDouble()).isEqualTo(1);

        var output = folder.resolve("said.jsonl");
        var said =
                jar.mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        blocks("new.txt", 1).toString(),
                        "--input-format=blocks",
                        "--output",
                        output.toString());
        assertThat(said.code()).as(said.err()).isZero();
        var row = new JsonMapper().readTree(Files.readAllLines(output).getFirst());
        assertThat(row.toString()).contains("\"low\":4", "book is blue");
    }

    @Test
    void dataCheckCountsTheLabelsOfTheTargets() {
        var call = check();

        assertThat(call.out()).contains("rating, train: 36 rows of", "low", "high");
        assertThat(call.out()).as("texts of train are in dev, too").contains("problem: ");
    }

    @Test
    void badRowsAreReportedWithFileAndLine() throws IOException {
        var train =
                Files.writeString(
                        folder.resolve("bad.txt"),
                        """
                        text: one
                        votes: low 1, high 2

                        text: two
                        votes: low

                        text three
                        votes: low 1

                        text: four
                        """);
        var problems = check("tasks.rating.data.train=" + train);

        assertThat(problems.code()).isEqualTo(1);
        assertThat(problems.out())
                .contains(
                        train + ":4: column 'votes': takes votes such as 'good 3, bad 1'",
                        train + ":7: 'text three' is no field, NAME: VALUE",
                        train + ":10: column 'votes': is not there");

        var run =
                jar.mtl(
                        "train",
                        config.toString(),
                        "--output",
                        folder.resolve("unused").toString(),
                        "--set",
                        "tasks.rating.data.train=" + train);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains(train + ":7: 'text three' is no field", "on_bad_row: skip leaves such");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    csv     | votes.csv   | 'text,votes\nthe book,"low 1, high 2"\nbook,low 3\n'
                    jsonl   | votes.jsonl | '{"text": "the book", "votes": {"low": 1, "high": 2}}\n{"text": "book", "votes": "low 3"}\n'
                    """)
    void aHeadReadsItsTargetsFromOtherFormats(String format, String name, String rows)
            throws IOException {
        var file = Files.writeString(folder.resolve(name), rows.replace("\\n", "\n"));
        var call =
                check(
                        "tasks.rating.data.format=" + format,
                        "tasks.rating.data.train=" + file,
                        "tasks.rating.data.validation=null");

        assertThat(call.code()).as(call.out() + call.err()).isZero();
        assertThat(call.out()).contains("rating, train: 2 rows of " + file, "no problems found");
    }

    @Test
    void anotherHeadLearnsFromTheFormat() throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("labels.txt"),
                        "text = a book\nlabel = yes\n\ntext = the song\nlabel = no\n");
        var labels =
                Files.writeString(
                        folder.resolve("labels.yaml"),
                        """
                        model: {backbone: "%s", max_length: 32}
                        tasks:
                          answer: {head: classification, data: {format: blocks, separator: "=", train: "%s"}}
                        """
                                .formatted(folder.resolve("backbone"), file));
        var call = jar.mtl("data", "check", labels.toString());

        assertThat(call.code()).as(call.out() + call.err()).isZero();
        assertThat(call.out()).contains("answer, train: 2 rows of " + file);
    }

    @Test
    void streamedRowsAreReadAgainInEachEpoch() {
        var call =
                jar.mtl(
                        "train",
                        config.toString(),
                        "--output",
                        folder.resolve("streamed").toString(),
                        "--set",
                        "tasks.rating.data.streaming=true",
                        "--set",
                        "training.epochs=2",
                        "--format=json");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(folder.resolve("streamed/heads/rating/head.json"))
                .content()
                .contains("\"labels\" : [ \"low\", \"high\" ]");
    }

    @Test
    void mistakesOfTheConfigurationAreAnsweredWithFileAndLine() throws IOException {
        assertThat(jar.mistake(config, "column: votes", "column: votes, separator: \" \""))
                .contains(":6: tasks.rating.data: separator is blank");
        assertThat(jar.mistake(config, "column: votes", "column: votes, seperator: x"))
                .contains(
                        ":6: tasks.rating.data.seperator: no such key",
                        "text_column",
                        "did you mean 'separator'?");
        assertThat(jar.mistake(config, "column: votes", "column: votes, span_end: never"))
                .contains(":6: tasks.rating.data: span_end is 'never', known in the format blocks");
        assertThat(jar.mistake(config, "format: blocks", "format: block"))
                .contains(":6: tasks.rating.data.format: no 'block'", "did you mean 'blocks'?");
        assertThat(jar.mistake(config, "order: [low, high]", "order: [low]"))
                .contains("tasks.rating: order lacks the label 'high' of the training data");
    }

    @Test
    void withoutThePluginAConfigurationSaysWhereFormatsComeFrom() {
        var call = Call.mtl(folder.resolve("cache"), "data", "check", config.toString());

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("data.format: no 'blocks'", "--plugins JAR_OR_DIR");
    }

    @Test
    void isListedBesideTheHeads() {
        var call = jar.mtl("heads", "--format=json");

        assertThat(call.json())
                .filteredOn(line -> line.has("format"))
                .singleElement()
                .satisfies(
                        line -> {
                            assertThat(line.path("format").asText()).isEqualTo("blocks");
                            assertThat(line.path("provider").asText())
                                    .isEqualTo("org.example.blocks.BlockFormat");
                            assertThat(line.path("origin").asText())
                                    .isEqualTo(jar.path().toString());
                        });
        assertThat(jar.mtl("heads").out()).contains("format: blocks");
    }
}
