package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.head.Target;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class JsonLinesFormatTest {
    @TempDir private Path folder;

    private Dataset read(String text, String more) throws IOException {
        var file = Files.writeString(folder.resolve("x.jsonl"), text);
        return DataTasks.read(DataTasks.data("jsonl", file, more));
    }

    private Target first(String row, String more) throws IOException {
        return DataTasks.target(read(row + "\n", more), 0, "t0");
    }

    private List<String> tags(String text, String entities) throws IOException {
        var target = first("{\"text\":\"" + text + "\",\"label\":" + entities + "}", "");
        return ((Target.Tags) target).tags();
    }

    @Test
    void whatAFieldHoldsIsSeen() throws IOException {
        assertThat(first("{\"text\": \"a\", \"label\": \"x\"}", ""))
                .isEqualTo(new Target.Category("x"));
        assertThat(first("{\"text\": \"a\", \"label\": true}", ""))
                .isEqualTo(new Target.Category("true"));
        assertThat(first("{\"text\": \"a\", \"label\": [\"x\", \"y\"]}", ""))
                .isEqualTo(new Target.Labels(List.of("x", "y")));
        assertThat(first("{\"text\": \"a\", \"label\": []}", ""))
                .isEqualTo(new Target.Labels(List.of()));
        assertThat(first("{\"text\": \"a\", \"label\": 3}", ""))
                .isEqualTo(new Target.Values(List.of(3.0)));
        assertThat(first("{\"text\": \"a\", \"label\": [1, -2.5e1]}", ""))
                .isEqualTo(new Target.Values(List.of(1.0, -25.0)));
        assertThat(first("{\"text\": \"a\", \"label\": 3}", ", kind: label"))
                .isEqualTo(new Target.Category("3"));
    }

    @Test
    void anEmptyListIsWhatTheOtherLinesShow() throws IOException {
        var dataset =
                read(
                        "{\"text\":\"a b\",\"label\":[]}\n"
                            + "{\"text\":\"c\",\"label\":[{\"start\":0,\"end\":1,\"label\":\"x\"}]}\n",
                        "");
        assertThat(DataTasks.target(dataset, 0, "t0"))
                .isEqualTo(new Target.Tags(List.of("O", "O")));
        assertThat(first("{\"text\":\"a b\",\"label\":[]}", ", kind: entities"))
                .isEqualTo(new Target.Tags(List.of("O", "O")));
    }

    @Test
    void tasksOfOneFileShareItsRows() throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("x.jsonl"),
                        "{\"q\":\"in Rome.\",\"intent\":\"go\","
                                + "\"spans\":[{\"start\":3,\"end\":7,\"label\":\"city\"}]}\n");
        var dataset =
                DataTasks.read(
                        DataTasks.data("jsonl", file, ", text_column: q, column: intent"),
                        DataTasks.data("jsonl", file, ", text_column: q, column: spans"));
        assertThat(dataset.tasks()).containsExactly("t0", "t1");
        assertThat(dataset.examples().getFirst().words()).containsExactly("in", "Rome", ".");
        assertThat(DataTasks.target(dataset, 0, "t1"))
                .isEqualTo(new Target.Tags(List.of("O", "B-city", "O")));
    }

    @Test
    void entitiesAreUtf16SpansOfWords() throws IOException {
        // The emoji is two UTF-16 units, the accent is a character of its own.
        assertThat(
                        tags(
                                "\uD83D\uDE00\\tNew  York, cafe\u0301!",
                                "[{\"start\":14,\"end\":19,\"label\":\"place\"},"
                                        + "{\"start\":3,\"end\":12,\"label\":\"city\"}]"))
                .containsExactly("O", "B-city", "I-city", "O", "B-place", "O");
    }

    @Test
    void entitiesSideBySideBothBegin() throws IOException {
        assertThat(
                        tags(
                                "a b c",
                                "[{\"start\":0,\"end\":1,\"label\":\"x\"},"
                                        + "{\"start\":2,\"end\":5,\"label\":\"x\"}]"))
                .containsExactly("B-x", "B-x", "I-x");
        // White space around an entity cuts nothing.
        assertThat(tags("a b c", "[{\"start\":1,\"end\":4,\"label\":\"x\"}]"))
                .containsExactly("O", "B-x", "O");
    }

    private void rejectsSpan(String text, int start, int end, String message) {
        assertThatThrownBy(
                        () ->
                                tags(
                                        text,
                                        "[{\"start\":"
                                                + start
                                                + ",\"end\":"
                                                + end
                                                + ",\"label\":\"x\"}]"))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.jsonl:1: field 'label': " + message);
    }

    @Test
    void entitiesThatCutWordsAreSaid() {
        rejectsSpan("say hello now", 5, 9, "the entity 5-9 'ello' cuts the word 'hello' at 4-9");
        rejectsSpan(
                "say hello now", 4, 11, "the entity 4-11 'hello n' cuts the word 'now' at 10-13");
        rejectsSpan("say hello", 3, 4, "the entity 3-4 ' ' has no word");
        rejectsSpan("say", 0, 4, "the entity 0-4 is not within the text, which has 3 UTF-16 units");
        rejectsSpan("say", 2, 2, "the entity 2-2 is not within the text");
        rejectsSpan("say", -1, 2, "the entity -1-2 is not within the text");
        assertThatThrownBy(
                        () ->
                                tags(
                                        "a b c",
                                        "[{\"start\":0,\"end\":3,\"label\":\"x\"},"
                                                + "{\"start\":2,\"end\":5,\"label\":\"y\"}]"))
                .hasMessageContaining("the entity 2-5 'b c' overlaps the one before it");
    }

    private void rejects(String row, String message) {
        var good = "\uFEFF{\"text\":\"a\",\"label\":\"x\"}\r\n\r\n";
        assertThatThrownBy(() -> read(good + row + "\n", ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.jsonl:3: " + message);
    }

    @Test
    void mistakesAreNamedByTheirLine() {
        rejects("{\"text\":", "is not JSON at column ");
        rejects("{\"text\":\"a\",\"label\":\"x\"} {}", "is not JSON");
        rejects("{\"text\":\"a\",\"text\":\"b\",\"label\":\"x\"}", "is not JSON");
        rejects("[1]", "is not a JSON object");
        rejects("{\"label\":\"x\"}", "has no field 'text', which text_column names");
        rejects("{\"text\":3,\"label\":\"x\"}", "field 'text' is not a string");
        rejects("{\"text\":\" \",\"label\":\"x\"}", "has no text");
        rejects("{\"text\":\"a\"}", "field 'label': is not there");
        rejects("{\"text\":\"a\",\"label\":null}", "field 'label': is not there");
        rejects("{\"text\":\"a\",\"label\":\"\"}", "field 'label': has no label");
        rejects("{\"text\":\"a\",\"label\":[\"x\"]}", "field 'label': takes a label, not [\"x\"]");
    }

    @Test
    void valuesOfAnotherKindAreSaid() {
        assertThatThrownBy(() -> first("{\"text\":\"a\",\"label\":\"x\"}", ", kind: value"))
                .hasMessageContaining("takes a number, not \"x\"");
        assertThatThrownBy(() -> first("{\"text\":\"a\",\"label\":1e999}", ""))
                .hasMessageContaining("takes a number, not ");
        assertThatThrownBy(() -> first("{\"text\":\"a\",\"label\":\"x\"}", ", kind: labels"))
                .hasMessageContaining("takes a list of labels, not \"x\"");
        assertThatThrownBy(() -> first("{\"text\":\"a\",\"label\":[{\"start\":0}]}", ""))
                .hasMessageContaining("takes entities {");
    }

    @Test
    void badRowsAreLeftOutIfTheConfigurationSaysSo() throws IOException {
        var dataset =
                read("nonsense\n{\"text\":\"b\",\"label\":\"y\"}\n{}\n", ", on_bad_row: skip");
        assertThat(dataset.examples()).extracting(Example::id).containsExactly(2);
    }

    @Test
    void whatIsNotUtf8SpoilsItsOwnRow() throws IOException {
        var file = folder.resolve("x.jsonl");
        Files.write(
                file,
                "{\"text\":\"\u00e9\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"x\"}\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> DataTasks.read(DataTasks.data("jsonl", file, "")))
                .hasMessageContaining("x.jsonl:1: is not UTF-8");
        var rest = DataTasks.read(DataTasks.data("jsonl", file, ", on_bad_row: skip"));
        assertThat(rest.examples()).hasSize(1);
    }

    @Test
    void aFileWithoutRowsIsAFailure() {
        assertThatThrownBy(() -> read("", "")).hasMessageContaining("x.jsonl: is empty");
        assertThatThrownBy(() -> read(" \n", "")).hasMessageContaining("x.jsonl: has no row");
    }

    @Test
    void aLineOfMillionsOfCharactersIsRead() throws IOException {
        var word = "x".repeat(21_000_000);
        var dataset = read("{\"text\":\"" + word + "\",\"label\":\"y\"}\n", "");
        assertThat(dataset.examples().getFirst().words()).containsExactly(word);
    }

    @Test
    void listsThatAreAllEmptyAreWhatTheTrainingDataHas() throws IOException {
        var train =
                Files.writeString(
                        folder.resolve("train.jsonl"),
                        """
                        {"text":"a","label":[]}
                        {"text":"a b","label":[{"start":2,"end":3,"label":"x"}]}
                        """);
        var empty =
                Files.writeString(folder.resolve("dev.jsonl"), "{\"text\":\"a\",\"label\":[]}\n");
        var tasks = DataTasks.of(DataTasks.data("jsonl", train, ", validation: \"" + empty + "\""));
        var dataset = DatasetReader.read(tasks, Split.VALIDATION).getFirst();
        assertThat(DataTasks.target(dataset, 0, "t0")).isEqualTo(new Target.Tags(List.of("O")));
        Files.delete(train);
        var alone = DatasetReader.read(tasks, Split.VALIDATION).getFirst();
        assertThat(DataTasks.target(alone, 0, "t0")).isEqualTo(new Target.Labels(List.of()));
    }
}
