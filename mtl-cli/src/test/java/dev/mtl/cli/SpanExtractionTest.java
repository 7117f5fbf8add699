package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/** Questions and answers, in the files of SQuAD and in JSON lines, from YAML to predictions. */
class SpanExtractionTest {
    @TempDir static Path folder;
    private static ToyRun run;

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
        run =
                ToyRun.train(
                        folder,
                        """
                        answer:
                          head: span-extraction
                          stride: 4
                          max_answer_length: 1
                          data: {format: squad, train: "%1$s/train.json", validation: "%1$s/train.json"}
                        """,
                        "epochs: 40, base_lr: 5.0e-3");
    }

    @Test
    void learnsWhereAnAnswerIsAndWhetherThereIsOne() throws IOException {
        var last = run.lastScores();
        assertThat(last.at("/answer/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/answer/no_answer_accuracy").asDouble()).isEqualTo(1);
        assertThat(Files.readString(run.model().resolve("heads/answer/head.json")))
                .contains("\"no_answer\" : true", "PAIR_TOKENS");
    }

    @Test
    void theThresholdIsFittedAlsoWhereTrainingFoundOutThatThereMayBeNoAnswer() throws IOException {
        assertThat(Files.readString(run.model().resolve("heads/answer/head.json")))
                .containsPattern("\"threshold\" : -?[0-9]");
    }

    private static JsonNode answer(String text) throws IOException {
        var line = "{\"q\": \"book\", \"t\": \"" + text + "\"}";
        return run.predictLines("q,t", line).getFirst().path("answer");
    }

    @Test
    void predictsThePartOfTheTextThatIsTheAnswer() throws IOException {
        var text = "\uD83D\uDE00 the  book   blue room";
        var answer = answer(text);
        assertThat(answer.path("answer").asText()).isEqualTo("blue");
        assertThat(text.substring(answer.path("start").asInt(), answer.path("end").asInt()))
                .isEqualTo("blue");
    }

    @Test
    void readsAllOfATextThatIsLongerThanTheModelsInput() throws IOException {
        var text = "play ".repeat(60) + "the book red room " + "play ".repeat(60);
        var answer = answer(text);
        assertThat(answer.path("answer").asText()).isEqualTo("red");
        assertThat(answer.path("start").asInt()).isEqualTo(text.indexOf("red"));
    }

    @Test
    void isScoredOnJsonLines() throws IOException {
        var said =
                run.onModel(
                        "evaluate",
                        "--format=json",
                        "--set",
                        "tasks.answer.data={format: jsonl, train: \""
                                + folder
                                + "/dev.jsonl\", validation: \""
                                + folder
                                + "/dev.jsonl\", text_columns: [q, t], column: a}");
        assertThat(said.json().getFirst().at("/tasks/answer/exact_match").asDouble()).isEqualTo(1);
    }

    @Test
    void isExportedAsOnnxAndForTransformers() throws IOException {
        assertThat(run.export("answer", "onnx").resolve("model.onnx")).exists();
        assertThat(Files.readString(run.export("answer", "transformers").resolve("config.json")))
                .contains("BertForQuestionAnswering");
    }
}
