package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** What {@code mtl init} writes is a configuration that trains. */
class InitCommandTest {
    @TempDir private Path folder;

    private Path rows(String name, String first, IntFunction<String> row) throws IOException {
        var text = new StringBuilder(first);
        for (int i = 0; i < 120; i++) {
            text.append(row.apply(i)).append('\n');
        }
        return Files.writeString(folder.resolve(name), text);
    }

    /** The configuration for some files, after a step of training with it. */
    private String trained(Path... files) throws IOException {
        var backbone = TinyModel.write(folder.resolve("backbone"), 7, 0.1).path();
        var arguments = new ArrayList<>(List.of("init", "--backbone", backbone.toString()));
        for (var file : files) {
            arguments.add(file.toString());
        }
        var init = Call.mtl(folder.resolve("cache"), arguments.toArray(String[]::new));
        assertThat(init.code()).as(init.err()).isZero();
        var yaml = Files.writeString(folder.resolve("x.yaml"), init.out());
        var train =
                Call.mtl(
                        folder.resolve("cache"),
                        "train",
                        yaml.toString(),
                        "--set",
                        "training.max_steps=1",
                        "--set",
                        "model.max_length=32",
                        "--output",
                        folder.resolve("model").toString(),
                        "--overwrite");
        assertThat(train.code()).as(train.err() + init.out()).isZero();
        return init.out();
    }

    private static String label(int i) {
        return i % 3 == 0 ? "book" : i % 3 == 1 ? "play" : "sing";
    }

    @Test
    void aTableWithAHeader() throws IOException {
        var file =
                rows(
                        "x.csv",
                        "text,category\n",
                        i -> "\"room, number %d\",%s".formatted(i, label(i)));
        assertThat(trained(file))
                .contains("format: csv", "text_column: text", "column: category")
                .contains("head: classification", "validation_split: 0.1", "test_split: 0.1");
    }

    @Test
    void pairsWithoutHeaderOrQuotes() throws IOException {
        var file =
                rows(
                        "sts-train.csv",
                        "",
                        i ->
                                String.format(
                                        Locale.ROOT,
                                        "news\tMSR\t%04d\t%.3f\tthe \"boy number %d\tthe girl"
                                                + " number %d%s",
                                        i,
                                        i % 50 / 10.0,
                                        i,
                                        i,
                                        i % 9 == 0 ? "\tCC0" : ""));
        assertThat(trained(file))
                .contains("format: tsv", "header: false", "quoting: none", "extra_fields: ignore")
                .contains("text_columns: [\"4\", \"5\"]", "column: \"3\"", "head: similarity")
                .contains("runs/sts}");
    }

    @Test
    void recordsOfMoreFieldsAreFoundBehindThousandsOfOthers() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 5600; i++) {
            text.append(
                    "%d.5\tthe boy number %d\tthe girl %d%s\n"
                            .formatted(i % 5, i, i, i > 5550 ? "\tCC0" : ""));
        }
        var file = Files.writeString(folder.resolve("x.tsv"), text);
        var init = Call.mtl(folder.resolve("cache"), "init", file.toString());
        assertThat(init.out()).as(init.err()).contains("extra_fields: ignore");
    }

    @Test
    void pairsWithGradesAreForSimilarity() throws IOException {
        var folderOfData = Files.createDirectory(folder.resolve("duplicates"));
        var file =
                rows(
                        "duplicates/train.csv",
                        "first,second,same\n",
                        i -> "how is %d,what is %d,%d".formatted(i, i, i % 2));
        assertThat(trained(file))
                .contains("text_columns: [first, second]", "column: same", "kind: value")
                .contains("head: similarity")
                .contains("runs/" + folderOfData.getFileName() + "}");
    }

    @Test
    void wordsWithTags() throws IOException {
        var train =
                rows(
                        "train.jsonl",
                        "",
                        i ->
                                "{\"tokens\": [\"in\", \"x%d\"], \"ner_tags\": [\"O\", \"B-x\"]}"
                                        .formatted(i));
        var test = Files.copy(train, folder.resolve("test.jsonl"));
        assertThat(trained(train, test))
                .contains("text_column: tokens", "column: ner_tags", "head: token-classification")
                .contains("test: ")
                .doesNotContain("test_split");
        var conll = rows("x.conll", "", i -> "in\tO\nx%d\tB-x\n".formatted(i));
        assertThat(trained(conll))
                .contains("format: conll", "column: 1", "separator: tab", "token-classification");
        var speech = rows("pos.conll", "", i -> "in\tADP\nx%d\tNOUN\n".formatted(i));
        assertThat(trained(speech)).contains("format: conll", "column: 1", "head: tagging");
    }

    @Test
    void spansAndLabelsOfOneFile() throws IOException {
        var file =
                rows(
                        "x.jsonl",
                        "",
                        i ->
                                "{\"sentence\": \"a %d\", \"intent\": \"%s\", \"tokens\": [{\"surface\": \"a\"}, {\"surface\": \"%d\"}], \"entities\": [{\"span\": [1], \"type\": \"n\"}]}"
                                        .formatted(i, label(i), i));
        assertThat(trained(file))
                .contains("text_column: tokens.surface", "span_end: inclusive", "  intent:")
                .contains("head: token-classification", "head: classification");
    }

    @Test
    void pairsWithLabelsAreReadTogether() throws IOException {
        var file =
                rows(
                        "nli.tsv",
                        "premise\thypothesis\tlabel\n",
                        i -> "it is number %d\tthere are %d of it\t%s".formatted(i, i, label(i)));
        assertThat(trained(file))
                .contains("text_columns: [premise, hypothesis]", "head: pair-classification");
    }

    /** As Hugging Face's datasets writes it; see golden_parquet.py. */
    @Test
    void parquetFilesOfTheHub() throws IOException {
        var hub = Path.of("..", "mtl-train", "src", "test", "resources", "parquet", "hub.parquet");
        var init = Call.mtl(folder.resolve("cache"), "init", hub.toString());
        assertThat(init.out())
                .as(init.err())
                .contains(
                        "format: parquet", "text_column: tokens", "column: ner_tags", "kind: tags");
    }

    @Test
    void answersToQuestions() throws IOException {
        var row =
                "{\"id\": \"q%1$d\", \"title\": \"Harbours\", \"question\": \"who has the boat"
                    + " %1$d\", \"context\": \"the boat of number %1$d is that of anna and not of"
                    + " paul\", \"answers\": %2$s}";
        var list = "[{\"text\": \"anna\", \"answer_start\": %d}]";
        var hub = "{\"text\": [\"anna\"], \"answer_start\": [%d]}";
        for (var form : List.of(list, hub)) {
            var file =
                    rows(
                            "x.jsonl",
                            "",
                            i ->
                                    row.formatted(
                                            i,
                                            i % 4 == 0 && form.equals(list)
                                                    ? "[]"
                                                    : form.formatted(
                                                            31 + String.valueOf(i).length())));
            assertThat(trained(file))
                    .contains("head: span-extraction", "text_columns: [question, context]")
                    .contains("format: jsonl", "column: answers")
                    .doesNotContain("title");
        }
    }

    @Test
    void aFileOfSquad() throws IOException {
        var questions = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            questions.append(i == 0 ? "" : ", ");
            questions.append(
                    "{\"id\": \"%1$d\", \"question\": \"who has %1$d\", \"answers\": [{\"text\": \"anna\", \"answer_start\": 0}]}"
                            .formatted(i));
        }
        var file =
                Files.writeString(
                        folder.resolve("train-v2.0.json"),
                        "{\"version\": \"x\", \"data\": [{\"title\": \"t\", \"paragraphs\": [{\"context\": \"anna has the boat\", \"qas\": [%s]}]}]}"
                                .formatted(questions));
        assertThat(trained(file)).contains("head: span-extraction", "format: squad");
    }

    @Test
    void plainTextsAreForTheLanguageModel() throws IOException {
        var file =
                rows(
                        "mails.txt",
                        "",
                        i -> "the \"boy, number %d; is%s\n".formatted(i, " here".repeat(i % 3)));
        assertThat(trained(file))
                .contains("head: masked-language-model", "kind: none", "quoting: none");
        var lines = rows("mails.jsonl", "", i -> "{\"body\": \"the boy, number %d\"}".formatted(i));
        assertThat(trained(lines))
                .contains("head: masked-language-model", "kind: none", "text_column: body");
    }

    @Test
    void aFileWithNothingToLearnIsSaid() throws IOException {
        var file = Files.writeString(folder.resolve("x.txt"), "one\ntwo\n");
        var call = Call.mtl(folder.resolve("cache"), "init", file.toString());
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("nothing was found that a task could learn");
    }
}
