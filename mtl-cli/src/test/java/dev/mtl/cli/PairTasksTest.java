package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Heads that compare texts beside one that does not, from YAML to predictions. */
class PairTasksTest {
    @TempDir static Path folder;
    private static ToyRun run;

    @BeforeAll
    static void train() throws IOException {
        var pairs = new StringBuilder("first,second,score,colour\n");
        var alone = new StringBuilder("text,label\n");
        for (int i = 0; i < 36; i++) {
            var colour = ToyTask.COLOURS.get(i % 3);
            var other = ToyTask.COLOURS.get(i / 3 % 3);
            var filler = "the ".repeat(i / 9);
            pairs.append(
                    "book %s%s,play %s,%d,%s\n"
                            .formatted(
                                    filler, colour, other, colour.equals(other) ? 1 : 0, colour));
            alone.append("book %s%s,%s\n".formatted(filler, colour, colour));
        }
        var anchors = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            var colour = ToyTask.COLOURS.get(i % 3);
            anchors.append(
                    "{\"a\": \"book the %1$s room\", \"b\": \"%2$s%1$s\", \"colour\": \"%1$s\"}\n"
                            .formatted(colour, "play ".repeat(1 + i / 3)));
        }
        Files.writeString(folder.resolve("pairs.csv"), pairs);
        Files.writeString(folder.resolve("alone.csv"), alone);
        Files.writeString(folder.resolve("anchors.jsonl"), anchors);
        run =
                ToyRun.train(
                        folder,
                        """
                        alike:
                          head: similarity
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: score, kind: value}
                        found:
                          head: contrastive
                          data: {format: jsonl, train: "%1$s/anchors.jsonl", validation: "%1$s/anchors.jsonl", text_columns: [a, b], column: colour}
                        watched:
                          head: similarity
                          loss: cosine_mse
                          data: {format: csv, train: null, validation: "%1$s/pairs.csv", text_columns: [second, first], column: score, kind: value}
                        colour:
                          head: classification
                          data: {format: csv, train: "%1$s/alone.csv", validation: "%1$s/alone.csv"}
                        """,
                        "epochs: 12, base_lr: 3.0e-3");
    }

    @Test
    void allLearnTogether() {
        assertThat(run.training().code()).as(run.training().err()).isZero();
        var first = run.training().json().getFirst();
        var last = run.training().json().getLast();
        assertThat(last.at("/tasks/alike/spearman").asDouble())
                .isGreaterThan(0.7)
                .isGreaterThan(first.at("/tasks/alike/spearman").asDouble());
        assertThat(last.at("/tasks/found/mrr").asDouble()).isGreaterThan(0.9);
        assertThat(last.at("/tasks/colour/accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void aTaskWithoutTrainingDataIsScoredOnly() {
        var last = run.training().json().getLast();
        assertThat(last.at("/tasks/watched/spearman").asDouble())
                .isCloseTo(last.at("/tasks/alike/spearman").asDouble(), within(1e-3));
        assertThat(run.training().err()).doesNotContain("watched 1.00 times");
    }

    @Test
    void predictsOnTheTextsThatHeadsTake() throws IOException {
        var input =
                Files.writeString(
                        folder.resolve("input.jsonl"),
                        """
                        {"p": "book blue", "q": "play blue", "text": "the blue"}
                        {"p": "book blue", "q": "play red", "text": "red"}
                        """);
        var pairs =
                run.mtl(
                        "predict",
                        "--model",
                        run.model().toString(),
                        "--format",
                        "json",
                        "--input",
                        input.toString(),
                        "--text-field",
                        "p,q");
        assertThat(pairs.code()).as(pairs.err()).isZero();
        assertThat(pairs.json()).hasSize(2);
        var same = pairs.json().getFirst();
        assertThat(same.path("texts").get(1).asText()).isEqualTo("play blue");
        assertThat(same.path("tasks").fieldNames())
                .toIterable()
                .containsExactly("alike", "found", "watched");
        assertThat(same.at("/tasks/alike/score").asDouble())
                .isGreaterThan(pairs.json().getLast().at("/tasks/alike/score").asDouble());
        var alone =
                run.mtl(
                        "predict",
                        "--model",
                        run.model().toString(),
                        "--format",
                        "json",
                        "--input",
                        input.toString());
        assertThat(alone.json().getFirst().path("tasks").fieldNames())
                .toIterable()
                .containsExactly("colour");
        assertThat(alone.json().getFirst().at("/tasks/colour/label").asText()).isEqualTo("blue");
    }

    @Test
    void evaluatesASavedModel() {
        var call = run.mtl("evaluate", "--model", run.model().toString(), "--format", "json");
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().at("/tasks/found/accuracy_at_1").asDouble())
                .isGreaterThan(0.8);
    }

    @Test
    void aFrozenBackboneLeavesNothingToLearn() {
        var call = run.trainWith("training.freezing={policy: backbone}");
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("the heads of alike have no parameters that could train");
    }

    @Test
    void saysWhatIsWrongWithTheTexts() {
        var one =
                run.mtl(
                        "evaluate",
                        "--model",
                        run.model().toString(),
                        "--set",
                        "tasks.alike.data.text_columns=[]",
                        "--set",
                        "tasks.alike.data.text_column=first");
        assertThat(one.code()).isEqualTo(2);
        assertThat(one.err())
                .contains(
                        "tasks.alike: head 'similarity' takes 2 texts of a row, and its data has 1:"
                                + " name them by data.text_columns: [FIRST, SECOND]");
        var two =
                run.mtl(
                        "evaluate",
                        "--model",
                        run.model().toString(),
                        "--set",
                        "tasks.colour.data.validation=" + folder.resolve("pairs.csv"),
                        "--set",
                        "tasks.colour.data.text_columns=[first, second]",
                        "--set",
                        "tasks.colour.data.column=colour");
        assertThat(two.code()).isEqualTo(2);
        assertThat(two.err())
                .contains(
                        "tasks.colour: head 'classification' takes 1 text of a row, and its data"
                                + " has 2: name it by data.text_column");
        var three = run.trainWith("tasks.alike.data.text_columns=[first, second, colour]");
        assertThat(three.code()).isEqualTo(2);
        assertThat(three.err())
                .contains(
                        "tasks.alike: head 'similarity' takes 2 texts of a row, and its data has 3")
                .doesNotContain("internal error");
    }

    @Test
    void predictsThreeTextsByTheTasksThatTakeThem() throws IOException {
        var input =
                Files.writeString(
                        folder.resolve("three.jsonl"),
                        "{\"a\": \"book blue\", \"b\": \"play blue\", \"c\": \"play red\"}\n");

        var call =
                run.mtl(
                        "predict",
                        "--model",
                        run.model().toString(),
                        "--format=json",
                        "--input",
                        input.toString(),
                        "--text-field=a,b,c");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("tasks").fieldNames())
                .toIterable()
                .containsExactly("found");
    }

    @Test
    void anArgumentIsNoExampleOfSeveralTexts() {
        var call =
                run.mtl(
                        "predict",
                        "--model",
                        run.model().toString(),
                        "--text-field",
                        "p,q",
                        "the blue room");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains("--text-field p,q: an argument is a single text");
    }

    @Test
    void aTaskThatTheModelLacksIsNamedWhenItIsLeftOut() {
        var call =
                run.mtl(
                        "evaluate",
                        "--model",
                        run.model().toString(),
                        "--format=json",
                        "--set",
                        "tasks.more={head: classification, data: {format: csv, train: null,"
                                + " validation: '"
                                + folder.resolve("alone.csv")
                                + "'}}");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("tasks").has("more")).isFalse();
        assertThat(call.err())
                .contains(
                        "tasks.more is skipped: "
                                + run.model()
                                + " has no such task, only [alike,"
                                + " found, watched, colour]");
    }
}
