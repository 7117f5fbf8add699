package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What validation and test data have that the training data has not: said before training. */
class EvaluationDataTest {
    @TempDir static Path folder;
    private static Path config = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        config = ToyTask.write(folder, "max_steps: 1", folder.resolve("model"));
        write("labels", "book the pink room\nsing\n", "O O B-colour O\nO\n", "Book\nSing\n");
        write("types", "sing\nbook the song\n", "O\nO B-thing I-thing\n", "Play\nBook\n");
    }

    private static void write(String split, String texts, String tags, String labels)
            throws IOException {
        var directory = Files.createDirectories(folder.resolve(split));
        Files.writeString(directory.resolve("seq.in"), texts);
        Files.writeString(directory.resolve("seq.out"), tags);
        Files.writeString(directory.resolve("label"), labels);
    }

    private static Call mtl(String command, String data, String split, String... more) {
        var args = new ArrayList<>(List.of(command));
        if (command.equals("train")) {
            args.addAll(List.of(config.toString(), "--overwrite"));
        } else {
            args.addAll(List.of("--model", folder.resolve("model").toString(), "--split", split));
        }
        for (var task : List.of("intent", "slots")) {
            args.addAll(
                    List.of(
                            "--set",
                            "tasks." + task + ".data." + split + "=" + folder.resolve(data)));
        }
        args.addAll(List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    private static String[] onUnknownLabel(String choice) {
        return new String[] {
            "--set", "tasks.intent.on_unknown_label=" + choice,
            "--set", "tasks.slots.on_unknown_label=" + choice
        };
    }

    @Test
    void unknownLabelsEndTrainingBeforeItBeginsOnRequest() {
        var label = mtl("train", "labels", "validation", onUnknownLabel("fail"));
        assertThat(label.code()).isEqualTo(1);
        assertThat(label.err())
                .contains("seq.in:2: task 'intent': the training data does not have Sing")
                .contains("on_unknown_label: wrong counts such rows as wrong")
                .doesNotContain("step 1");
        var type = mtl("train", "types", "validation", onUnknownLabel("fail"));
        assertThat(type.code()).isEqualTo(1);
        assertThat(type.err())
                .contains("seq.in:2: task 'slots': the training data does not have thing");
    }

    @Test
    void unknownLabelsCountAsWrongUnlessTheConfigurationSaysOtherwise() {
        var training = mtl("train", "labels", "validation");
        assertThat(training.code()).as(training.err()).isZero();
        var log =
                logOf(
                        () -> {
                            var scored = mtl("evaluate", "types", "test", "--format", "json");
                            assertThat(scored.code()).as(scored.err()).isZero();
                            var json = scored.json().getFirst();
                            assertThat(json.path("rows").asInt()).isEqualTo(2);
                            assertThat(json.path("skipped").asInt()).isZero();
                            // "Play" is known, "Book" too; the entity of type thing is missed
                            var slots = json.path("tasks").path("slots");
                            assertThat(slots.path("recall").asDouble()).isZero();
                            assertThat(slots.path("labels").path("thing").path("support").asInt())
                                    .isEqualTo(1);
                        });
        assertThat(log)
                .contains("task 'slots': 1 of 2 rows have labels that the training data does not")
                .contains("count as wrong: thing");
    }

    @Test
    void unknownLabelsAreLeftOutOfTheScoresOfTheirTaskOnRequest() {
        var training = mtl("train", "labels", "validation", onUnknownLabel("skip"));
        assertThat(training.code()).as(training.err()).isZero();
        var log =
                logOf(
                        () -> {
                            var scored =
                                    mtl(
                                            "evaluate",
                                            "types",
                                            "test",
                                            "--set",
                                            "tasks.slots.on_unknown_label=skip",
                                            "--format",
                                            "json");
                            assertThat(scored.code()).as(scored.err()).isZero();
                            var json = scored.json().getFirst();
                            assertThat(json.path("rows").asInt()).as("intent").isEqualTo(2);
                            assertThat(json.path("skipped").asInt()).isEqualTo(1);
                        });
        assertThat(log)
                .contains("seq.in:2: task 'slots': the training data does not have thing")
                .contains("task 'slots' skips 1 of 2 rows: the training data does not have thing");
        var failed = mtl("evaluate", "types", "test", "--set", "tasks.slots.on_unknown_label=fail");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("does not have thing");
    }

    @Test
    void trainingEndsWithTheScoresOfTheTestData() throws IOException {
        var training = mtl("train", "types", "test", "--format", "json");
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast();
        assertThat(last.path("split").asText()).isEqualTo("test");
        assertThat(last.path("rows").asInt()).isEqualTo(2);
        assertThat(last.path("tasks").path("intent").has("accuracy")).isTrue();
        var model = folder.resolve("model");
        assertThat(Files.readString(model.resolve("README.md")))
                .contains("On 2 texts of test data, which chose nothing:", "| intent | accuracy ");
        assertThat(Files.readString(folder.resolve("model.run").resolve("report.html")))
                .contains("<b>test</b>: the best model on 2 texts");
    }

    @Test
    void rowsThatCannotBeReadAreCountedAmongThoseOfTheirSplit() throws IOException {
        var lines = new StringBuilder("text,label\n");
        for (int i = 0; i < 40; i++) {
            lines.append("book %d,%s\n".formatted(i, i % 2 == 0 ? "a" : "b"));
        }
        lines.append("book\n".repeat(40));
        Files.writeString(folder.resolve("x.csv"), lines);
        var other =
                Files.writeString(
                        folder.resolve("other.yaml"),
                        """
                        model: {backbone: "%1$s/backbone", max_length: 32}
                        tasks:
                          t:
                            head: classification
                            data: {format: csv, train: "%1$s/x.csv", validation_split: 0.5, on_bad_row: skip}
                        training: {max_steps: 1, device: cpu}
                        output: {dir: "%1$s/other"}
                        """
                                .formatted(folder));
        var log =
                logOf(
                        () -> {
                            var call = Call.mtl(folder.resolve("cache"), "train", other.toString());
                            assertThat(call.code()).as(call.err()).isZero();
                        });
        var counts =
                Pattern.compile("(\\d+) of (\\d+) rows skipped")
                        .matcher(log)
                        .results()
                        .map(found -> List.of(found.group(1), found.group(2)))
                        .toList();
        assertThat(counts).hasSize(2);
        assertThat(counts.stream().mapToInt(c -> Integer.parseInt(c.getFirst())).sum())
                .isEqualTo(40);
        assertThat(counts.stream().mapToInt(c -> Integer.parseInt(c.getLast())).sum())
                .as("each row is of one split")
                .isEqualTo(80);
    }

    /** What is logged meanwhile, which goes to the process's stderr. */
    private static String logOf(Runnable run) {
        var before = System.err;
        var log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            run.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void reportsTruncatedTextsOnStderr() throws IOException {
        write("long", "the ".repeat(40) + "\n", "O ".repeat(40) + "\n", "Book\n");
        var training = mtl("train", "labels", "validation");
        assertThat(training.code()).as(training.err()).isZero();
        var scored = mtl("evaluate", "long", "test");
        assertThat(scored.code()).as(scored.err()).isZero();
        assertThat(scored.err())
                .containsOnlyOnce("1 of 1 texts of")
                .contains("longer than max_length 32: intent is scored by their beginnings only");
        assertThat(scored.out()).doesNotContain("max_length");
    }
}
