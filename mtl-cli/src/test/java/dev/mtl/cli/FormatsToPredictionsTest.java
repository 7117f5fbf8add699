package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Formats and settings that no shipped configuration has, from YAML and files to predictions: tags
 * without prefixes, a CRF, entities in JSON lines, weights of classes, a Huber loss, and heads of
 * tokens beside one that compares texts.
 */
class FormatsToPredictionsTest {
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    @TempDir static Path folder;
    private static Path model = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void train() throws IOException {
        var tags = new StringBuilder();
        var entities = new StringBuilder();
        var stars = new StringBuilder("text,stars\n");
        var pairs = new StringBuilder("first,second,score\n");
        for (int i = 0; i < 48; i++) {
            var colour = COLOURS.get(i % 3);
            var other = COLOURS.get(i / 3 % 3);
            var filler = "the ".repeat(i / 3 % 4);
            tags.append("the O DT\n".repeat(i / 3 % 4));
            tags.append("book O VB\n%s OBJ NN\n%s OBJ NN\n\n".formatted(colour, other));
            entities.append(
                    "{\"text\": \"%splay %s\", \"entities\": [{\"start\": %d, \"end\": %d, \"label\": \"colour\"}]}\n"
                            .formatted(
                                    filler,
                                    colour,
                                    filler.length() + 5,
                                    filler.length() + 5 + colour.length()));
            stars.append("%splay %s,%d\n".formatted(filler, colour, i % 3));
            pairs.append(
                    "book %s%s,play %s,%d\n"
                            .formatted(filler, colour, other, colour.equals(other) ? 1 : 0));
        }
        Files.writeString(folder.resolve("tags.conll"), tags);
        Files.writeString(folder.resolve("entities.jsonl"), entities);
        Files.writeString(folder.resolve("stars.csv"), stars);
        Files.writeString(folder.resolve("pairs.csv"), pairs);
        model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        objects:
                          head: token-classification
                          crf: true
                          head_lr: 1.0e-2
                          data: {format: conll, train: "%1$s/tags.conll", validation: "%1$s/tags.conll", column: 1}
                        speech:
                          head: token-classification
                          class_weights: {DT: 0.5, VB: 2}
                          data: {format: conll, train: "%1$s/tags.conll", validation: "%1$s/tags.conll", column: 2}
                        colours:
                          head: token-classification
                          data: {format: jsonl, train: "%1$s/entities.jsonl", validation: "%1$s/entities.jsonl", column: entities}
                        stars:
                          head: regression
                          loss: huber
                          huber_delta: 0.7
                          data: {format: csv, train: "%1$s/stars.csv", validation: "%1$s/stars.csv", column: stars, kind: value}
                        alike:
                          head: similarity
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: score, kind: value}
                        """
                                .formatted(folder),
                        "epochs: 12, base_lr: 3.0e-3",
                        model);
        training = mtl("train", config.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static com.fasterxml.jackson.databind.JsonNode predicted(String text) {
        var call = mtl("predict", "--model", model.toString(), "--format", "json", text);
        assertThat(call.code()).as(call.err()).isZero();
        return call.json().getFirst().path("tasks");
    }

    @Test
    void allLearnTogether() {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast().path("tasks");
        assertThat(last.at("/objects/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/speech/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/colours/f1").asDouble()).isEqualTo(1);
        assertThat(last.at("/stars/pearson").asDouble()).isGreaterThan(0.9);
        assertThat(last.at("/alike/spearman").asDouble()).isGreaterThan(0.7);
    }

    @Test
    void typesWithoutPrefixesAreEntitiesOfWholeRuns() {
        var entities = predicted("the book blue red").at("/objects/entities");
        assertThat(entities).hasSize(1);
        assertThat(entities.at("/0/text").asText()).isEqualTo("blue red");
        assertThat(entities.at("/0/label").asText()).isEqualTo("OBJ");
    }

    @Test
    void partsOfSpeechAreOfEachWord() {
        var words = predicted("the book blue red").at("/speech/entities");
        assertThat(words.findValuesAsText("label")).containsExactly("DT", "VB", "NN", "NN");
        assertThat(words.findValuesAsText("text")).containsExactly("the", "book", "blue", "red");
    }

    @Test
    void entitiesOfJsonLinesComeBackWithTheirOffsets() {
        var colour = predicted("the play green").at("/colours/entities/0");
        assertThat(colour.path("label").asText()).isEqualTo("colour");
        assertThat(colour.path("start").asInt()).isEqualTo(9);
        assertThat(colour.path("end").asInt()).isEqualTo(14);
    }

    @Test
    void figuresComeBackAsOne() {
        assertThat(predicted("play green").at("/stars/value").asDouble())
                .isGreaterThan(predicted("play blue").at("/stars/value").asDouble() + 1);
    }
}
