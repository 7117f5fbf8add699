package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Relations between the entities of another task, from JSON lines to predictions. */
class RelationTest {
    @TempDir static Path folder;
    private static ToyRun run;

    /** "book the blue room for the red song": the colour before the room has the one behind. */
    private static String row(String first, String second, int fillers) {
        var before = "the ".repeat(fillers) + "book ";
        var text = before + first + " room for " + second + " song";
        int begin = before.length();
        int other = text.indexOf(second, begin + first.length());
        return """
        {"text": "%s", "colours": [[%d, %d, "colour"], [%d, %d, "colour"]], "related": [{"head": [%2$d, %3$d], "tail": {"start": %4$d, "end": %5$d}, "label": "has"}]}
        """
                .formatted(text, begin, begin + first.length(), other, other + second.length());
    }

    @BeforeAll
    static void train() throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < 27; i++) {
            rows.append(row(colour(i), colour(i / 3), i / 9));
        }
        Files.writeString(folder.resolve("rows.jsonl"), rows);
        run =
                ToyRun.train(
                        folder,
                        """
                        colours:
                          head: token-classification
                          data: {format: jsonl, train: "%1$s/rows.jsonl", validation: "%1$s/rows.jsonl", column: colours}
                        related:
                          head: relation
                          none_label: nothing
                          entities: colours
                          data: {format: jsonl, train: "%1$s/rows.jsonl", validation: "%1$s/rows.jsonl", column: related}
                        """,
                        "epochs: 30, base_lr: 5.0e-3");
    }

    private static String colour(int i) {
        return ToyTask.COLOURS.get(i % 3);
    }

    @Test
    void isLearnedBesideTheEntitiesOfTheSameFile() throws IOException {
        var last = run.lastScores();
        assertThat(last.at("/colours/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/related/f1").asDouble()).isEqualTo(1);
        assertThat(Files.readString(run.model().resolve("heads/related/head.json")))
                .contains("\"labels\" : [ \"has\", \"nothing\" ]");
    }

    private static void assertOneRelation(JsonNode relations) {
        assertThat(relations).hasSize(1);
        assertThat(relations.at("/0/label").asText()).isEqualTo("has");
        assertThat(relations.at("/0/head/text").asText()).isEqualTo("green");
        assertThat(relations.at("/0/tail/text").asText()).isEqualTo("red");
        assertThat(relations.at("/0/score").asDouble()).isGreaterThan(0.5);
    }

    @Test
    void predictsThoseOfTheEntitiesThatTheOtherTaskFinds() {
        var text = "book green room for red song";
        var tasks = run.predict(text);
        assertThat(tasks.at("/colours/entities")).hasSize(2);
        assertOneRelation(tasks.at("/related/relations"));
        assertThat(tasks.at("/related/relations/0/head/label").asText()).isEqualTo("colour");
        assertOneRelation(run.predict(text, "--tasks=related").at("/related/relations"));
    }

    @Test
    void predictsThoseOfTheSpansThatTheDataNames() throws IOException {
        var rows = Files.writeString(folder.resolve("given.jsonl"), row("green", "red", 0));
        var output = folder.resolve("predicted.jsonl");
        run.onModel("predict", "--input", rows.toString(), "--output", output.toString());
        var row = new Call(0, Files.readString(output), "").json().getFirst().at("/tasks/related");
        assertOneRelation(row.path("relations"));
        assertThat(row.at("/gold/0/tail/text").asText()).isEqualTo("red");
    }

    @Test
    void saysWhatIsWrongWithASpan() throws IOException {
        for (var wrong :
                List.of(
                        List.of("[4, 5]", "the span 4-5 has no word"),
                        List.of("[90, 95]", "the span 90-95 is not within the text, which has"),
                        List.of("\"blue\"", "takes relations"))) {
            var line =
                    row("blue", "red", 0).replace("\"head\": [5, 9]", "\"head\": " + wrong.get(0));
            Files.writeString(folder.resolve("wrong.jsonl"), line);
            var said = run.trainWith("tasks.related.data.train=" + folder.resolve("wrong.jsonl"));
            assertThat(said.code()).isNotZero();
            assertThat(said.err()).contains("wrong.jsonl:1").contains(wrong.get(1));
        }
    }

    @Test
    void aTaskOfEntitiesThatIsNotThereIsNamed() {
        var said = run.trainWith("tasks.related.entities=slots");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("task 'related' reads the entities of 'slots', which is no task");
    }
}
