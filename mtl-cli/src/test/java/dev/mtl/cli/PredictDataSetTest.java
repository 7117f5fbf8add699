package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code mtl predict --input} of every training format, with {@code --output}. */
class PredictDataSetTest {
    private static final String CSV =
            "id,question,intent\n7,\"book the blue room, please\",Book\n8,play the red song,Play\n";

    @TempDir static Path folder;
    private static Path model = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        ToyTask.writeData(folder.resolve("train"), 12);
        var tags = new StringBuilder();
        var intents = new StringBuilder("id,question,intent\n");
        for (int i = 0; i < 30; i++) {
            var colour = ToyTask.COLOURS.get(i % 3);
            tags.append("book VB O\nthe DT O\n%s JJ B-colour\nroom NN O\n\n".formatted(colour));
            intents.append("%d,book the %s room,Book\n".formatted(i, colour));
            intents.append("%d,play the %s song,Play\n".formatted(i, colour));
        }
        Files.writeString(folder.resolve("tags.conll"), tags);
        Files.writeString(folder.resolve("intents.csv"), intents);
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        intent:
                          head: classification
                          data: {format: csv, train: "%1$s/intents.csv", validation: "%1$s/intents.csv", text_column: question, column: intent}
                        slots:
                          head: token-classification
                          data: {format: conll, train: "%1$s/tags.conll", validation: "%1$s/tags.conll", column: 2}
                        kind:
                          head: classification
                          data: {format: jointbert, train: "%1$s/train", validation: "%1$s/train"}
                        """
                                .formatted(folder),
                        "epochs: 3, base_lr: 3.0e-3",
                        model);
        var training = Call.mtl(folder.resolve("cache"), "train", config.toString());
        assertThat(training.code()).as(training.err()).isZero();
    }

    private static Call predict(Path input, String... options) {
        var args = new String[options.length + 5];
        System.arraycopy(
                new String[] {"predict", "--model", model.toString(), "--input", input.toString()},
                0,
                args,
                0,
                5);
        System.arraycopy(options, 0, args, 5, options.length);
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void theHeaderAndTheLabelsOfATableAreNoTexts() throws IOException {
        var call = predict(file("in.csv", CSV), "--format", "json");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().stream().map(json -> json.path("text").asText()))
                .containsExactly("book the blue room, please", "play the red song");
    }

    @Test
    void aTableKeepsItsColumnsAndHasGoldBesidePredicted() throws IOException {
        var output = folder.resolve("out.csv");
        var call = predict(file("kept.csv", CSV), "--output", output.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains("out.csv: 2 rows with predictions");
        var lines = Files.readAllLines(output);
        assertThat(lines.getFirst())
                .startsWith("id,question,intent,intent.gold,intent.predicted,intent.score,");
        assertThat(lines.get(1)).startsWith("7,\"book the blue room, please\",Book,Book,");
        assertThat(lines).hasSize(3);
        assertThat(Files.exists(folder.resolve("out.csv.writing"))).isFalse();
    }

    @Test
    void aTableWithoutLabelsHasNoGold() throws IOException {
        var output = folder.resolve("bare.jsonl");
        var input = file("bare.csv", "question\nplay the red song\n");
        var call = predict(input, "--output", output.toString(), "--top-k", "2");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(Files.readString(output))
                .startsWith("{\"question\":\"play the red song\"")
                .contains("\"labels\":[")
                .doesNotContain("gold");
    }

    @Test
    void wordsOfConllKeepTheirColumnsAndTags() throws IOException {
        var output = folder.resolve("out.conll");
        var input = file("in.conll", "book VB O\nthe DT O\nwi-fi JJ B-colour\n\nplay VB O\n");
        var call =
                predict(input, "--output", output.toString(), "--tasks", "slots", "--format=json");

        assertThat(call.code()).as(call.err()).isZero();
        var lines = Files.readAllLines(output);
        // the word is not split: it has one line, as in the input
        assertThat(lines.get(2)).startsWith("wi-fi\tJJ\tB-colour\tB-colour\t");
        assertThat(lines.get(2).split("\t")).hasSize(5);
        assertThat(lines.get(4)).startsWith("play\tVB\tO\tO\t");
    }

    @Test
    void aFolderOfJointBertIsADataSet() throws IOException {
        var output = folder.resolve("joint.jsonl");
        var call = predict(folder.resolve("train"), "--output", output.toString());

        assertThat(call.code()).as(call.err()).isZero();
        var lines = Files.readAllLines(output);
        assertThat(lines).hasSize(72);
        assertThat(lines.getFirst())
                .startsWith("{\"seq.in\":[\"book\",\"the\",\"blue\",\"room\"],\"label\":\"Book\"")
                .contains("\"gold\":\"Book\"");
    }

    @Test
    void jsonLinesKeepTheirFields() throws IOException {
        var output = folder.resolve("fields.jsonl");
        var input =
                file("fields.jsonl.in", "{\"q\": [\"play\", \"red\"], \"n\": 3, \"none\": null}\n");
        var call =
                predict(
                        input,
                        "--input-format",
                        "jsonl",
                        "--text-field",
                        "q",
                        "--output",
                        output.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(Files.readString(output))
                .startsWith(
                        "{\"q\":[\"play\",\"red\"],\"n\":3,\"none\":null,\"text\":\"play red\"");
    }

    @Test
    void parquetKeepsAllOfItsColumns() throws IOException {
        var output = folder.resolve("hub.jsonl");
        var input = Path.of("../mtl-train/src/test/resources/parquet/hub.parquet");
        var call = predict(input, "--text-field", "tokens", "--output", output.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(Files.readAllLines(output).getFirst())
                .contains("\"text\":", "\"stars\":4.5,\"tokens\":[", "\"ner_tags\":[");
    }

    @Test
    void linesOfTextAreWrittenToo() throws IOException {
        var output = folder.resolve("lines.csv");
        var call = predict(file("lines.txt", "play a, b\n"), "--output", output.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(Files.readAllLines(output).get(1)).startsWith("\"play a, b\",");
    }

    @Test
    void aTableCanBeReadAsLinesOfText() throws IOException {
        var call = predict(file("as.csv", "a,b\n"), "--input-format", "text", "--format", "json");

        assertThat(call.json().getFirst().path("text").asText()).isEqualTo("a,b");
    }

    @Test
    void rowsThatCannotBeReadAreNamedOrSkipped() throws IOException {
        var input = file("bad.csv", "question\nplay the red song\n\"\"\n");

        var failed = predict(input);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .contains("bad.csv:3: has no text (to skip such rows: --on-bad-row skip)");

        var rest = predict(input, "--on-bad-row", "skip");
        assertThat(rest.code()).isZero();
        assertThat(rest.err()).contains("bad.csv: 1 of 2 rows skipped");
    }

    @Test
    void mistakesAreNamedBeforeAnythingIsPredicted() throws IOException {
        var input = file("mistakes.csv", "title\nplay\n");
        for (var options :
                List.of(
                        List.of("--output", "x.pdf"),
                        List.of("--output", input.toString()),
                        List.of("--input-format", "csv", "play the song"))) {
            assertThat(predict(input, options.toArray(String[]::new)).code()).isEqualTo(2);
        }
        assertThat(predict(input).err())
                .contains("no column 'question'", "it has title", "--text-field NAME");
        assertThat(predict(input, "--text-field", "title").code()).isZero();
        assertThat(predict(input, "--output", folder + "/no.csv", "--top-k", "2").err())
                .isEqualTo("mtl: --top-k needs --output FILE.jsonl\n");
    }
}
