package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class DataCheckCommandTest {
    @TempDir private Path folder;
    private Path config = Path.of("");

    @BeforeEach
    void write() throws IOException {
        config = ToyTask.write(folder, "epochs: 1", folder.resolve("unused"));
        write("dev", "book the pink room\n", "O O B-colour O\n", "Book\n");
    }

    private void write(String split, String texts, String tags, String labels) throws IOException {
        Files.writeString(folder.resolve(split).resolve("seq.in"), texts);
        Files.writeString(folder.resolve(split).resolve("seq.out"), tags);
        Files.writeString(folder.resolve(split).resolve("label"), labels);
    }

    private Call check(String... more) {
        var args = new java.util.ArrayList<>(java.util.List.of("data", "check", config.toString()));
        args.addAll(java.util.List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    @Test
    void countsRowsLabelsAndLengths() {
        var call = check("--format", "json", "--set", "model.max_length=8");
        assertThat(call.code()).as(call.out() + call.err()).isZero();
        var json = call.json().getFirst();
        assertThat(json.path("problems")).isEmpty();
        assertThat(json.path("splits")).hasSize(4);
        var slots = json.at("/splits/1");
        assertThat(slots.path("task").asText()).isEqualTo("slots");
        assertThat(slots.path("split").asText()).isEqualTo("train");
        assertThat(slots.path("rows").asInt()).isEqualTo(72);
        assertThat(slots.at("/labels/B-colour").asInt()).isEqualTo(72);
        // "the" 0 to 5 times before, 4 words, [CLS] and [SEP]
        assertThat(slots.at("/lengths/8").asInt()).isEqualTo(36);
        assertThat(slots.at("/lengths/16").asInt()).isEqualTo(36);
        assertThat(slots.path("cut").asInt()).isEqualTo(36);
        assertThat(slots.path("duplicates").asInt()).isEqualTo(36);
    }

    @Test
    void reportsProblemsWithExitCodeOne() throws IOException {
        write(
                "dev",
                "book the blue room\nplay pink\nplay\n",
                "O O B-colour O\nO I-colour\nO O\n",
                "Book\nSing\nPlay\n");
        var call = check("--format", "json");
        assertThat(call.code()).isEqualTo(1);
        var problems = call.json().getFirst().path("problems").toString();
        assertThat(problems)
                .contains("seq.out:3")
                .contains("1 entities have no tag that begins one")
                .contains("1 texts of validation are in the training data too, at ")
                .contains("task 'intent': the training data does not have [Sing], at ");

        var text = check();
        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out())
                .contains("intent, train: 72 rows of")
                .contains("     36 Book")
                .contains("problem: ");
    }

    private String problemsOf(String tasks, String... options) throws IOException {
        var other =
                Files.writeString(
                        folder.resolve("other.yaml"),
                        "model: {backbone: \"%s\", max_length: 32}\ntasks:\n%s"
                                .formatted(
                                        folder.resolve("backbone"),
                                        tasks.replace("FOLDER", folder.toString())));
        var arguments =
                new ArrayList<>(List.of("data", "check", other.toString(), "--format", "json"));
        arguments.addAll(List.of(options));
        var call = Call.mtl(folder.resolve("cache"), arguments.toArray(String[]::new));
        var problems = call.json().getFirst().path("problems");
        assertThat(call.code()).as(call.err()).isEqualTo(problems.isEmpty() ? 0 : 1);
        return problems.toString().replace(folder.toString(), "FOLDER");
    }

    @Test
    void checksTablesOfWhichRowsAreHeldOut() throws IOException {
        var lines = new StringBuilder("text,label,stars\n");
        for (int i = 0; i < 40; i++) {
            lines.append("book %d,%s,%d\n".formatted(i, i % 2 == 0 ? "a" : "b", i % 5));
        }
        Files.writeString(folder.resolve("x.csv"), lines + "book,c\n");
        var fine =
                "  t: {head: classification, data: {format: csv, train: FOLDER/x.csv,"
                        + " validation_split: 0.3%s}}\n";
        assertThat(problemsOf(fine.formatted("")))
                .contains("x.csv:42: has 2 fields")
                .doesNotContain("does not have");
        assertThat(
                        problemsOf(
                                "  t: {head: regression, data: {format: csv, train:"
                                        + " FOLDER/x.csv}}\n"))
                .contains("tasks.t: regression takes numbers for each text, not Category");
        assertThat(
                        problemsOf(
                                "  t: {head: classification, class_weights: {z: 2}, data: {format:"
                                        + " csv, train: FOLDER/x.csv}}\n"))
                .contains("class_weights names [z]");
        assertThat(
                        problemsOf(
                                "  t: {head: similarity, loss: cosine_mse, data: {format: csv,"
                                    + " train: FOLDER/x.csv, text_columns: [text, label], column:"
                                    + " stars, kind: value}}\n"))
                .contains("tasks.t: FOLDER/x.csv:4: loss cosine_mse takes scores that are cosines");
        Files.writeString(folder.resolve("three.csv"), "a,b,c,score\nx,y,z,1\nx,z,y,0\n");
        assertThat(
                        problemsOf(
                                "  t: {head: similarity, data: {format: csv, train:"
                                        + " FOLDER/three.csv, text_columns: [a, b, c], column:"
                                        + " score, kind: value}}\n"))
                .contains("tasks.t: head 'similarity' takes 2 texts of a row, and its data has 3");
    }

    @Test
    void checksEntitiesInJsonLines() throws IOException {
        Files.writeString(
                folder.resolve("x.jsonl"),
                """
                {"text": "play it", "label": [{"start": 0, "end": 4, "label": "x"}]}
                {"text": "play", "label": [{"start": 1, "end": 4, "label": "x"}]}
                """);
        Files.writeString(
                folder.resolve("dev.jsonl"),
                "{\"text\": \"so\", \"label\": []}\n\n"
                        + "{\"text\": \"it is\", \"label\": [{\"start\": 0, \"end\": 2, \"label\":"
                        + " \"y\"}]}\n");
        assertThat(
                        problemsOf(
                                "  t: {head: token-classification, data: {format: jsonl, train:"
                                        + " FOLDER/x.jsonl, validation: FOLDER/dev.jsonl}}\n"))
                .contains("x.jsonl:2: field 'label': the entity 1-4 'lay' cuts the word 'play'")
                .contains(
                        "dev.jsonl: task 't': the training data does not have [y], at"
                                + " FOLDER/dev.jsonl:3");
    }

    @Test
    void countsEntitiesThatAreNotEndedInColumnsOfWords() throws IOException {
        Files.writeString(folder.resolve("x.conll"), "a S-x\nb B-x\nc O\n\na I-x\nb E-x\n");
        assertThat(
                        problemsOf(
                                "  t: {head: token-classification, data: {format: conll, train:"
                                        + " FOLDER/x.conll}}\n"))
                .contains(
                        "column 1: 1 entities have no tag that begins one; the first is in the"
                                + " sentence at FOLDER/x.conll:5")
                .contains(
                        "column 1: 1 entities have no tag that ends them; the first is in the"
                                + " sentence at FOLDER/x.conll:1");
    }

    @Test
    void tokensAloneAreNotCut() throws IOException {
        Files.writeString(folder.resolve("x.conll"), "a O\n".repeat(50) + "b B-x\n");
        var tasks =
                "  t: {head: token-classification, data: {format: conll, train: FOLDER/x.conll}}\n";
        assertThat(problemsOf(tasks)).isEqualTo("[]");
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "data",
                        "check",
                        folder.resolve("other.yaml").toString(),
                        "--format",
                        "json");
        assertThat(call.json().getFirst().at("/splits/0/cut").asInt()).isZero();
    }

    @Test
    void textsOfTwoSplitsAreReportedAlsoIfTheyAreNearlyTheSame() throws IOException {
        Files.writeString(folder.resolve("tr.csv"), "text,label\nbook a room,a\nsing,b\n");
        Files.writeString(folder.resolve("va.csv"), "text,label\nplay it,a\n");
        Files.writeString(folder.resolve("te.csv"), "text,label\nplay it,a\nbook a room!,a\n");
        var problems =
                problemsOf(
                        "  t: {head: classification, data: {format: csv, train: FOLDER/tr.csv,"
                                + " validation: FOLDER/va.csv, test: FOLDER/te.csv}}\n",
                        "--near",
                        "0.5");
        assertThat(problems)
                .contains("1 texts of test are in the validation data too, at FOLDER/te.csv:2")
                .contains("texts of test are nearly those of the training data (cosine from 0.5):");
    }
}
