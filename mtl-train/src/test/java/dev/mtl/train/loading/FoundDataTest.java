package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Shapes in which public data sets are distributed. */
class FoundDataTest {
    @TempDir private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("x"), text);
    }

    private Dataset read(String format, String text, String more) throws IOException {
        return DataTasks.read(DataTasks.data(format, write(text), more));
    }

    private static List<List<String>> words(Dataset dataset) {
        return dataset.examples().stream().map(Example::words).toList();
    }

    private static Target target(Dataset dataset, int example) {
        return DataTasks.target(dataset, example, "t0");
    }

    private static List<String> tags(Dataset dataset, int example) {
        return ((Target.Tags) target(dataset, example)).tags();
    }

    private static final String PAIRS =
            """
            news\tMSR\t2012\t0024\t2.500\tA girl says "hi.\tA girl waves.
            news\tMSR\t2012\t0033\t3.600\tMen play.\tBoys play "ball".\tCC0\tsource
            """;

    @Test
    void aTableWithoutQuotesOrHeaderIsReadByTheNumbersOfItsColumns() throws IOException {
        var keys =
                ", header: false, quoting: none, extra_fields: ignore,"
                        + " text_columns: [5, 6], column: 4, kind: value";
        for (var tabs : List.of("tsv", "csv")) {
            var dataset = read(tabs, PAIRS, keys + (tabs.equals("csv") ? ", separator: tab" : ""));
            assertThat(dataset.examples()).hasSize(2);
            assertThat(dataset.examples().getFirst().texts().getFirst().text())
                    .isEqualTo("A girl says \"hi.");
            assertThat(target(dataset, 1)).isEqualTo(new Target.Values(List.of(3.6)));
        }
    }

    @Test
    void fieldsThatAreTooManyAreAMistakeUnlessTheConfigurationSaysOtherwise() {
        var keys = ", header: false, quoting: none, text_columns: [5, 6], column: 4";
        assertThatThrownBy(() -> read("tsv", PAIRS, keys))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining(":2: has 9 fields, there are 7 columns;")
                .hasMessageContaining("extra_fields: ignore");
        assertThatThrownBy(() -> read("tsv", "text\tlabel\n\"Hi\" she said\tx\n\"bye\tx\n", ""))
                .hasMessageContaining("for a file without quoting say quoting: none");
        assertThatThrownBy(
                        () -> read("tsv", "a\tb\n", ", header: false, text_column: 0, column: 2"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("no column '2'; there are 2 columns, numbered from 0");
    }

    @Test
    void columnsOfAHeaderHaveNumbersToo() throws IOException {
        var dataset = read("csv", "text,1\na,x\n", ", text_column: 0, column: 1");
        assertThat(target(dataset, 0)).isEqualTo(new Target.Category("x"));
    }

    @Test
    void wordsWithATagEachAreTags() throws IOException {
        var dataset =
                read(
                        "jsonl",
                        """
                        {"tokens": ["in", "New", "York", "."], "ner_tags": ["O", "B-LOC", "I-LOC", "O"]}
                        {"tokens": ["", "ok"], "ner_tags": ["O", "O"]}
                        """,
                        ", text_column: tokens, column: ner_tags");
        assertThat(tags(dataset, 0)).containsExactly("O", "B-LOC", "I-LOC", "O");
        assertThat(words(dataset)).element(1).isEqualTo(List.of("", "ok"));
    }

    @Test
    void numbersAreLabelsWithNames() throws IOException {
        var tagged =
                read(
                        "jsonl",
                        "{\"tokens\": [\"in\", \"Rome\"], \"ner_tags\": [0, 1]}\n",
                        ", text_column: tokens, column: ner_tags, names: [O, B-LOC, I-LOC]");
        assertThat(tags(tagged, 0)).containsExactly("O", "B-LOC");
        var labelled =
                read("jsonl", "{\"text\": \"a\", \"label\": 1}\n", ", names: [world, sports]");
        assertThat(target(labelled, 0)).isEqualTo(new Target.Category("sports"));
        var several =
                read("jsonl", "{\"text\": \"a\", \"label\": [1, 0]}\n", ", names: [world, sports]");
        assertThat(target(several, 0)).isEqualTo(new Target.Labels(List.of("sports", "world")));
        var table = read("csv", "text,label\na,1\n", ", names: [world, sports]");
        assertThat(target(table, 0)).isEqualTo(new Target.Category("sports"));
        assertThatThrownBy(() -> read("csv", "text,label\na,-1\n", ", names: [world, sports]"))
                .hasMessageContaining(
                        ":2: column 'label' has the number -1, 'names' has 2 labels, from 0; -1"
                                + " stands for no label");
    }

    @Test
    void spansCountTheWordsOfAListOfWords() throws IOException {
        var rows =
                """
                {"tokens": [{"surface": "see"}, {"surface": "mona"}, {"surface": "lisa"}, {"surface": "now"}], \
                "entities": [{"span": [1, 2], "type": "work"}, {"span": [3], "type": "time"}]}
                {"tokens": [{"surface": "a"}, {"surface": "b"}, {"surface": "c"}], \
                "entities": [{"span": [0, 1, 2], "type": "work"}]}
                """;
        var keys = ", text_column: tokens.surface, column: entities, kind: entities";
        var inclusive = read("jsonl", rows, keys + ", span_end: inclusive");
        assertThat(tags(inclusive, 0)).containsExactly("O", "B-work", "I-work", "B-time");
        assertThat(tags(inclusive, 1)).containsExactly("B-work", "I-work", "I-work");
        assertThatThrownBy(() -> read("jsonl", rows, keys))
                .hasMessageContaining("has a span of 1 numbers, [3]; if it lists all words of an")
                .hasMessageContaining("span_end: inclusive");
        assertThatThrownBy(
                        () ->
                                read(
                                        "jsonl",
                                        "{\"tokens\": [\"a\"], \"entities\": [[0, 2, \"x\"]]}\n",
                                        ", text_column: tokens, column: entities"))
                .hasMessageContaining("has an entity of the words 0 to 1, the text has 1, from 0");
    }

    @Test
    void spansOfAStringCountWhatTheConfigurationSays() throws IOException {
        var emoji = "{\"text\": \"\uD83D\uDE00 Rome\", \"label\": [[2, 6, \"city\"]]}\n";
        assertThat(tags(read("jsonl", emoji, ", offsets: codepoint"), 0))
                .containsExactly("O", "B-city");
        var inclusive =
                "{\"text\": \"in Rome\", \"label\":"
                        + " [{\"start_offset\": 3, \"end_offset\": 6, \"label\": \"city\"}]}\n";
        assertThat(tags(read("jsonl", inclusive, ", span_end: inclusive"), 0))
                .containsExactly("O", "B-city");
        assertThatThrownBy(() -> read("jsonl", emoji, ", offsets: codepoint, span_end: inclusive"))
                .hasMessageContaining("is not within the text");
    }

    @Test
    void entitiesThatAreMarkedInTheTextAreTakenOutOfIt() throws IOException {
        var rows =
                """
                {"utt": "wake pawel's dog [time : at 9:30 am] on [date : friday], [please]", "intent": "alarm"}
                """;
        var file = write(rows);
        var keys = ", text_column: utt, markup: \"[label : text]\"";
        var dataset =
                DataTasks.read(
                        DataTasks.data("jsonl", file, keys + ", column: utt"),
                        DataTasks.data("jsonl", file, keys + ", column: intent"));
        assertThat(dataset.examples().getFirst().texts().getFirst().text())
                .isEqualTo("wake pawel's dog at 9:30 am on friday, [please]");
        assertThat(tags(dataset, 0))
                .containsExactly(
                        "O", "O", "O", "B-time", "I-time", "I-time", "O", "B-date", "O", "O", "O",
                        "O");
        var links =
                read(
                        "jsonl",
                        "{\"text\": \"to [New York](city)'s port\"}\n",
                        ", column: text, markup: \"[text](label)\"");
        assertThat(words(links)).containsExactly(List.of("to", "New", "York", "'", "s", "port"));
        assertThat(tags(links, 0)).containsExactly("O", "B-city", "I-city", "O", "O", "O");
        var elements =
                read(
                        "csv",
                        "text\nto <city>New York</city>\n",
                        ", column: text, markup: \"<label>text</label>\"");
        assertThat(tags(elements, 0)).containsExactly("O", "B-city", "I-city");
    }

    @Test
    void tagsInOneFieldAreOfTheWordsBetweenSpaces() throws IOException {
        var dataset =
                read(
                        "csv",
                        "sentence,tags\n\"in New York, now.\",O B-city I-city O\n",
                        ", text_column: sentence, column: tags, kind: tags");
        assertThat(words(dataset)).containsExactly(List.of("in", "New", "York,", "now."));
        assertThat(tags(dataset, 0)).containsExactly("O", "B-city", "I-city", "O");
        assertThatThrownBy(
                        () ->
                                read(
                                        "jsonl",
                                        "{\"text\": \"a b\", \"label\": \"O\"}\n",
                                        ", kind: tags"))
                .hasMessageContaining(":1: field 'label': has 1 tags, the text has 2 words");
    }

    @Test
    void anEmptyWordKeepsTheTagsInStep() throws IOException {
        var dataset = read("conll", "a\tO\n\tO\nRome\tB-x\n \tO\n", ", separator: tab");
        assertThat(words(dataset)).containsExactly(List.of("a", "", "Rome", ""));
        assertThat(tags(dataset, 0)).containsExactly("O", "O", "B-x", "O");
        assertThatThrownBy(() -> read("conll", "a\tO\n\tO\n", ""))
                .hasMessageContaining(":2: has 1 column, the others have 2; separator: tab reads");
    }
}
