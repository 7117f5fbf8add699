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

/** What {@code evaluate} prints and writes, of a model that has learned next to nothing. */
class EvaluateCommandTest {
    @TempDir static Path folder;

    @BeforeAll
    static void train() throws IOException {
        for (var name : List.of("model", "other")) {
            var config = ToyTask.write(folder, "max_steps: 1", folder.resolve(name));
            var trained =
                    Call.mtl(
                            folder.resolve("cache"),
                            "train",
                            config.toString(),
                            "--set",
                            "training.seed=" + name.length());
            assertThat(trained.code()).as(trained.err()).isZero();
        }
    }

    private static Call evaluate(String... more) {
        var args = new ArrayList<>(List.of("evaluate", "--model", folder + "/model"));
        args.addAll(List.of(more));
        var call = Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        return call;
    }

    private static JsonNode json(String... more) {
        var args = new ArrayList<>(List.of(more));
        args.addAll(List.of("--format", "json"));
        return evaluate(args.toArray(String[]::new)).json().getFirst();
    }

    @Test
    void printsScoresOfEachLabelAndTheirMeans() {
        var intent = json().path("tasks").path("intent");
        double sum = 0;
        int support = 0;
        for (var label : intent.path("labels")) {
            sum += label.path("f1").asDouble();
            support += label.path("support").asInt();
        }
        int labels = intent.path("labels").size();
        assertThat(support).isEqualTo(json().path("rows").asInt());
        assertThat(intent.path("macro_f1").asDouble()).isEqualTo(sum / labels);
        assertThat(intent.path("macro").path("f1").asDouble()).isEqualTo(sum / labels);
        assertThat(intent.path("micro").path("f1").asDouble())
                .as("of one label a text, the micro F1 is the accuracy")
                .isEqualTo(intent.path("accuracy").asDouble());
        int confused = 0;
        for (var pair : intent.path("confusion")) {
            confused += pair.path("count").asInt();
        }
        assertThat(confused)
                .isEqualTo(Math.round(support * (1 - intent.path("accuracy").asDouble())));
        assertThat(evaluate().out())
                .contains("intent accuracy ", " texts)\n", "micro mean", "macro mean", "precision");
    }

    @Test
    void printsConfidenceIntervals() {
        var json = json("--confidence", "0.9", "--resamples", "100");
        var interval = json.path("confidence").path("tasks").path("intent").path("accuracy");
        double accuracy = json.path("tasks").path("intent").path("accuracy").asDouble();
        assertThat(interval.get(0).asDouble()).isLessThanOrEqualTo(accuracy);
        assertThat(interval.get(1).asDouble()).isGreaterThanOrEqualTo(accuracy);
        assertThat(json.path("confidence").path("level").asDouble()).isEqualTo(0.9);
        assertThat(evaluate("--confidence", "0.9", "--resamples", "100").out())
                .contains("90% confidence intervals (bootstrap, 100 samples)");
    }

    @Test
    void comparesWithAnotherModel() {
        var same = json("--against", folder + "/model", "--resamples", "50").path("against");
        var difference = same.path("tasks").path("slots").path("f1");
        assertThat(difference.path("difference").asDouble()).isZero();
        assertThat(difference.path("p").asDouble()).isEqualTo(1);
        var other = json("--against", folder + "/other", "--resamples", "50");
        var accuracy = other.path("against").path("tasks").path("intent").path("accuracy");
        assertThat(accuracy.path("p").asDouble()).isBetween(1.0 / 51, 1.0);
        assertThat(accuracy.path("interval").size()).isEqualTo(2);
        assertThat(evaluate("--against", folder + "/other", "--resamples", "50").out())
                .contains("differences to the other model (paired bootstrap, 50 samples)");
    }

    @Test
    void writesRowsWithPredictionsAndGold() throws IOException {
        var predictions = folder.resolve("all.jsonl");
        var errors = folder.resolve("errors.jsonl");
        var json = json("--predictions", predictions.toString(), "--errors", errors.toString());
        var lines = Files.readAllLines(predictions);
        assertThat(lines).hasSize(json.path("rows").asInt());
        var mapper = new JsonMapper();
        int right = 0;
        int wrong = 0;
        for (var line : lines) {
            var row = mapper.readTree(line);
            var intent = row.path("tasks").path("intent");
            boolean isRight = intent.path("label").equals(intent.path("gold"));
            assertThat(intent.path("right").asBoolean()).isEqualTo(isRight);
            right += isRight ? 1 : 0;
            wrong += isRight && row.path("tasks").path("slots").path("right").asBoolean() ? 0 : 1;
            var gold = row.path("tasks").path("slots").path("gold").path(0);
            assertThat(
                            row.path("text")
                                    .asText()
                                    .substring(
                                            gold.path("start").asInt(), gold.path("end").asInt()))
                    .isEqualTo(gold.path("text").asText());
            assertThat(gold.path("label").asText()).isEqualTo("colour");
            assertThat(row.path("place").asText()).contains("seq.in:");
        }
        assertThat((double) right / lines.size())
                .isEqualTo(json.path("tasks").path("intent").path("accuracy").asDouble());
        assertThat(Files.readAllLines(errors)).hasSize(wrong);
        assertThat(folder.resolve("all.jsonl.writing")).doesNotExist();
    }

    @Test
    void writesTablesAndColumnsOfWords() throws IOException {
        var csv = folder.resolve("all.csv");
        var conll = folder.resolve("all.conll");
        evaluate("--predictions", csv.toString());
        evaluate("--predictions", conll.toString());
        var rows = Files.readAllLines(csv);
        assertThat(rows.getFirst())
                .isEqualTo(
                        "place,text,intent.gold,intent.predicted,intent.score,slots.gold,"
                                + "slots.predicted");
        assertThat(rows.get(1)).contains("book the", ",Book,", ",O O B-colour O,");
        assertThat(Files.readString(conll))
                .contains("# intent.gold = Book\n", "\nroom\tO\t")
                .containsPattern("\n[a-z]+\tB-colour\t\\S+\n");
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidBeforeTheModelIsLoaded() {
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "evaluate",
                        "--model",
                        folder + "/model",
                        "--errors",
                        folder + "/errors.xlsx");
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("must end in .jsonl, .csv or .conll");
    }
}
