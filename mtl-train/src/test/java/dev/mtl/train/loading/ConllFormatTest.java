package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.testing.SharedFiles;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

class ConllFormatTest {
    @TempDir private Path folder;

    private Dataset read(String text, String more) throws IOException {
        return DataTasks.read(DataTasks.data("conll", write(text), more));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("x.conll"), text);
    }

    private static List<List<String>> words(Dataset dataset) {
        return dataset.examples().stream().map(Example::words).toList();
    }

    private static List<String> tags(Dataset dataset, int example) {
        return ((Target.Tags) DataTasks.target(dataset, example, "t0")).tags();
    }

    @Test
    void linesOfWhiteSpaceEndSentences() throws IOException {
        var dataset = read("\n\na\tO\nb\tB-x\n\t\n \n\nc\tO\n\t \t\nd O\r\n\r\ne\tO", "");
        assertThat(words(dataset))
                .containsExactly(List.of("a", "b"), List.of("c"), List.of("d"), List.of("e"));
        assertThat(tags(dataset, 0)).containsExactly("O", "B-x");
        assertThat(dataset.examples().getLast().id()).isEqualTo(4);
    }

    @Test
    void columnsAreNumbersOrNames() throws IOException {
        var text = "EU NNP I-NP I-ORG\nrejects VBZ I-VP O\n";
        assertThat(tags(read(text, ", column: 3"), 0)).containsExactly("B-ORG", "O");
        var named = ", columns: [word, pos, chunk, ner]";
        assertThat(tags(read(text, named + ", text_column: word, column: pos"), 0))
                .containsExactly("NNP", "VBZ");
        assertThat(words(read(text, ", text_column: 1, column: 0")))
                .containsExactly(List.of("NNP", "VBZ"));
        assertThatThrownBy(() -> read(text, ", column: 4"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("x.conll: has 4 columns, no column 4 (from 0)");
    }

    @Test
    void twoTasksOfOneFileShareItsSentences() throws IOException {
        var file = write("EU I-NP I-ORG\nrejects I-VP O\n");
        var dataset =
                DataTasks.read(
                        DataTasks.data("conll", file, ", column: 1"),
                        DataTasks.data("conll", file, ", column: 2"));
        assertThat(dataset.tasks()).containsExactly("t0", "t1");
        assertThat(dataset.examples()).hasSize(1);
        assertThat(tags(dataset, 0)).containsExactly("B-NP", "B-VP");
        assertThat(DataTasks.target(dataset, 0, "t1"))
                .isEqualTo(new Target.Tags(List.of("B-ORG", "O")));
    }

    @Test
    void aSeparatorOfOneTabKeepsSpacesWithinWords() throws IOException {
        var dataset = read("New York\tB-x\n\u3000\tO\n", ", separator: tab");
        assertThat(words(dataset)).containsExactly(List.of("New York", "\u3000"));
        assertThat(words(read("a O\n", ", separator: space"))).containsExactly(List.of("a"));
    }

    @Test
    void documentMarkersAreNoWords() throws IOException {
        var text = "-DOCSTART- -X- O O\n\na N O O\n-DOCSTART- -X- O O\nb N O O\n";
        assertThat(words(read(text, ", column: 3"))).containsExactly(List.of("a"), List.of("b"));
        // Some give them no columns.
        assertThat(words(read("a O\n\n-DOCSTART-\n\nb O\n", "")))
                .containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void commentsAreTakenOutOnlyWhereTheConfigurationSaysSo() throws IOException {
        var text = "# sent_id = 1\n# text\na\tO\n#\tO\n#tag\tO\n";
        var dataset = read(text, ", comment: \"#\", separator: tab");
        assertThat(words(dataset)).containsExactly(List.of("a", "#", "#tag"));
        assertThat(words(read("#\tO\n#tag\tO\n", ""))).containsExactly(List.of("#", "#tag"));
        assertThatThrownBy(() -> read("a\tO\n# sent_id = 2\nb\tO\n", ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.conll:2: has 4 columns, the others have 2");
    }

    @Test
    void byteOrderMarksAreNoPartOfWordsOrTags() throws IOException {
        var dataset = read("\uFEFFa\tO\n\uFEFF\n\uFEFFb\tB-x\uFEFF\nDubbz\uFEFF\tI-x\n", "");
        assertThat(words(dataset)).containsExactly(List.of("a"), List.of("b", "Dubbz"));
        assertThat(tags(dataset, 1)).containsExactly("B-x", "I-x");
        // A word of nothing else keeps its place.
        assertThat(words(read("a\tO\n\uFEFF\tO\n", ""))).containsExactly(List.of("a", "\uFEFF"));
    }

    @Test
    void wordsOfNoWordPieceKeepTheirTags() throws IOException {
        var dataset = read("add\tO\n\uFFFD\tB-x\nnow\tO\n", "");
        assertThat(words(dataset)).containsExactly(List.of("add", "\uFFFD", "now"));
        assertThat(tags(dataset, 0)).containsExactly("O", "B-x", "O");
    }

    @Test
    void aSentenceWithAMistakeIsBadAsAWhole() throws IOException {
        var text = "a\tO\nb\n\nc\tO\n\n\tO\n\nd\tO\te\n";
        assertThatThrownBy(() -> read(text, ""))
                .isInstanceOf(BadRowException.class)
                .hasMessage(
                        folder.resolve("x.conll")
                                + ":2: has 1 column, the others have 2"
                                + " (data.on_bad_row: skip leaves such rows out)");
        var rest = read(text, ", on_bad_row: skip");
        assertThat(words(rest)).containsExactly(List.of("c"));
        assertThat(rest.examples().getFirst().id()).isEqualTo(2);
        assertThatThrownBy(() -> read("a\tO\n\n\tO\n", ", separator: tab"))
                .hasMessageContaining("x.conll:3: has no word in column 0");
        assertThatThrownBy(() -> read("a\tO\nb\t\n", ", separator: tab"))
                .hasMessageContaining("x.conll:2: has no tag in column 1");
    }

    @Test
    void aTagUnlikeTheOthersIsSaid() {
        assertThatThrownBy(() -> read("a\tB-x\n\nb\tNN\n", ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.conll:3: 'NN' does not have the form of the other tags");
    }

    @Test
    void whatIsNotUtf8SpoilsItsOwnSentence() throws IOException {
        var file = folder.resolve("x.conll");
        Files.write(file, "a\tO\n\nb\u00e9\tO\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> DataTasks.read(DataTasks.data("conll", file, "")))
                .hasMessageContaining("x.conll:3: is not UTF-8");
        assertThat(words(DataTasks.read(DataTasks.data("conll", file, ", on_bad_row: skip"))))
                .containsExactly(List.of("a"));
    }

    @Test
    void aFileWithoutSentencesIsAFailure() {
        assertThatThrownBy(() -> read("", "")).hasMessageContaining("x.conll: is empty");
        assertThatThrownBy(() -> read("\n \n", ""))
                .hasMessageContaining("x.conll: has no sentence");
    }

    @Test
    void aLineOfAMillionCharactersIsRead() throws IOException {
        var word = "x".repeat(1_000_000);
        assertThat(words(read(word + "\tO\n", ""))).containsExactly(List.of(word));
    }

    @Test
    void readsAllOfWnut17() {
        var wnut = SharedFiles.require("data").resolve("wnut17");
        var train = DataTasks.read(DataTasks.data("conll", wnut.resolve("wnut17train.conll"), ""));
        var dev = DataTasks.read(DataTasks.data("conll", wnut.resolve("emerging.dev.conll"), ""));
        assertThat(train.examples()).hasSize(3_394);
        assertThat(dev.examples()).hasSize(1_009);
        var trainTags = counts(train);
        assertThat(trainTags.values().stream().mapToInt(i -> i).sum()).isEqualTo(62_730);
        assertThat(trainTags)
                .containsEntry("O", 59_570)
                .containsEntry("B-person", 660)
                .containsEntry("I-creative-work", 206)
                .hasSize(13);
        var devTags = counts(dev);
        assertThat(devTags.values().stream().mapToInt(i -> i).sum()).isEqualTo(15_733);
        assertThat(devTags.keySet()).isEqualTo(trainTags.keySet());
        assertThat(devTags).containsEntry("B-person", 470);
        var words = new TreeSet<String>();
        dev.examples().forEach(example -> words.addAll(example.words()));
        assertThat(words).contains("Dubbz").noneMatch(word -> word.contains("\uFEFF"));
        assertThat(train.examples().stream().flatMap(example -> example.words().stream()))
                .anyMatch(word -> word.length() > 100);
    }

    private static Map<String, Integer> counts(Dataset dataset) {
        var counts = new TreeMap<String, Integer>();
        for (int i = 0; i < dataset.examples().size(); i++) {
            tags(dataset, i).forEach(tag -> counts.merge(tag, 1, Integer::sum));
        }
        return counts;
    }
}
