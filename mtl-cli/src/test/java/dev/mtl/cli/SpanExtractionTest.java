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

/** Questions and answers, in the files of SQuAD and in JSON lines, from YAML to predictions. */
class SpanExtractionTest {
    @TempDir static Path folder;
    private static Path model = Path.of("");
    private static Call training = new Call(0, "", "");

    /** A paragraph; what follows "book" is the answer, if there is such a word. */
    private static String paragraph(String context, String answer) {
        return """
        {"context": "%s", "qas": [{"id": "q", "question": "book", "is_impossible": %s,
          "answers": [%s]}]}\
        """
                .formatted(
                        context,
                        answer.isEmpty(),
                        answer.isEmpty()
                                ? ""
                                : "{\"text\": \"%s\", \"answer_start\": %d}"
                                        .formatted(
                                                answer,
                                                // as Python counts
                                                context.codePointCount(
                                                        0, context.indexOf(answer))));
    }

    @BeforeAll
    static void train() throws IOException {
        var paragraphs = new ArrayList<String>();
        for (int i = 0; i < 24; i++) {
            var colour = ToyTask.COLOURS.get(i % 3);
            var before = "\uD83D\uDE00 " + "the ".repeat(i % 5);
            paragraphs.add(paragraph(before + "book " + colour + " room", colour));
            if (i % 3 == 0) {
                paragraphs.add(paragraph(before + "play " + colour + " song", ""));
            }
        }
        Files.writeString(
                folder.resolve("train.json"),
                """
                {"version": "v2.0", "data": [{"title": "x", "paragraphs": [%s]}]}
                """
                        .formatted(String.join(",\n", paragraphs)));
        Files.writeString(
                folder.resolve("dev.jsonl"),
                """
                {"q": "book", "t": "\uD83D\uDE00 the book red room", "a": {"text": ["red"], "answer_start": [11]}}
                {"q": "book", "t": "\uD83D\uDE00 the play blue song", "a": {"text": [], "answer_start": []}}
                """);
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        answer:
                          head: span-extraction
                          stride: 4
                          max_answer_length: 1
                          data: {format: squad, train: "%1$s/train.json", validation: "%1$s/train.json"}
                        """
                                .formatted(folder),
                        "epochs: 40, base_lr: 5.0e-3",
                        model);
        training = mtl("train", config.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void learnsWhereAnAnswerIsAndWhetherThereIsOne() throws IOException {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast();
        assertThat(last.at("/tasks/answer/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/tasks/answer/no_answer_accuracy").asDouble()).isEqualTo(1);
        assertThat(Files.readString(model.resolve("heads/answer/head.json")))
                .contains("\"no_answer\" : true", "PAIR_TOKENS");
    }

    private static Call predict(String... lines) throws IOException {
        var input = folder.resolve("input.jsonl");
        Files.write(input, List.of(lines));
        return mtl(
                "predict",
                "--model",
                model.toString(),
                "--input",
                input.toString(),
                "--text-field=q,t",
                "--format=json");
    }

    @Test
    void predictsThePartOfTheTextThatIsTheAnswer() throws IOException {
        var text = "\uD83D\uDE00 the  book   blue room";
        var said = predict("{\"q\": \"book\", \"t\": \"" + text + "\"}");
        assertThat(said.code()).as(said.err()).isZero();
        var answer = said.json().getFirst().at("/tasks/answer");
        assertThat(answer.path("answer").asText()).isEqualTo("blue");
        assertThat(text.substring(answer.path("start").asInt(), answer.path("end").asInt()))
                .isEqualTo("blue");
    }

    @Test
    void readsAllOfATextThatIsLongerThanTheModelsInput() throws IOException {
        var text = "play ".repeat(60) + "the book red room " + "play ".repeat(60);
        var said = predict("{\"q\": \"book\", \"t\": \"" + text + "\"}");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json().getFirst().at("/tasks/answer/answer").asText()).isEqualTo("red");
        assertThat(said.json().getFirst().at("/tasks/answer/start").asInt())
                .isEqualTo(text.indexOf("red"));
    }

    @Test
    void isScoredOnJsonLines() throws IOException {
        var said =
                mtl(
                        "evaluate",
                        "--model",
                        model.toString(),
                        "--format=json",
                        "--set",
                        "tasks.answer.data={format: jsonl, train: \""
                                + folder
                                + "/dev.jsonl\", validation: \""
                                + folder
                                + "/dev.jsonl\", text_columns: [q, t], column: a}");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json().getFirst().at("/tasks/answer/exact_match").asDouble()).isEqualTo(1);
    }

    @Test
    void isExportedAsOnnx() {
        ToyTask.requireOnnxExport(folder, model, "answer");
    }
}
