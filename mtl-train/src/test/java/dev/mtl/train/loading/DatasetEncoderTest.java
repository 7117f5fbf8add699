package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Evaluation data whose labels and kinds are not those of the training data. */
class DatasetEncoderTest {
    @TempDir private Path folder;
    private final SkippedRows skipped = new SkippedRows();
    private TextTokenizer tokenizer;

    private Collection<TaskConfig> tasks(String validation, String... keys) throws IOException {
        var train = Files.writeString(folder.resolve("train.csv"), "text,label\na,x\nb,y\n");
        var dev = Files.writeString(folder.resolve("dev.csv"), "text,label\n" + validation);
        var data = DataTasks.data("csv", train, ", validation: \"" + dev + "\"");
        return DataTasks.of(keys.length == 0 ? data : data + ", " + String.join(", ", keys));
    }

    @BeforeEach
    void load() {
        tokenizer = TextTokenizer.load(TinyTokenizer.write(folder), 16);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private List<TokenizedDataset> encode(Collection<TaskConfig> tasks) {
        return encoder(tasks).encode(DatasetReader.read(tasks, Split.VALIDATION));
    }

    private DatasetEncoder encoder(Collection<TaskConfig> tasks) {
        var training = DatasetReader.read(tasks, Split.TRAIN);
        var task = TaskFactory.of(tasks.iterator().next(), HeadRegistry.load(), training, 4, 4);
        return new DatasetEncoder(tokenizer, Map.of("t0", task), tasks, skipped);
    }

    @Test
    void dataWithKnownLabelsStaysWhole() throws IOException {
        assertThat(encode(tasks("c,x\nd,y\n")).getFirst().examples()).hasSize(2);
    }

    @Test
    void aRowWithAnUnknownLabelStaysToBeCountedAsWrong() throws IOException {
        var examples = encode(tasks("c,x\nd,z\n")).getFirst().examples();
        assertThat(examples).hasSize(2);
        assertThat(examples.getLast().example().targets())
                .containsEntry("t0", new Target.Category("z"));
        assertThat(examples.getLast().targets()).as("what a head cannot learn").isEmpty();
        assertThat(skipped.count()).isZero();
    }

    @Test
    void aLabelThatTheHeadDoesNotHaveCannotBeLearned() throws IOException {
        var tasks = tasks("d,z\n");
        var encoder = encoder(tasks);
        var data = DatasetReader.read(tasks, Split.VALIDATION);
        assertThatThrownBy(() -> encoder.encodeTraining(data))
                .isInstanceOf(BadRowException.class)
                .hasMessageEndingWith(
                        "the training data does not have z"
                                + " (tasks.t0.on_unknown_label: skip leaves them out)");
    }

    @Test
    void anUnknownLabelEndsTheRunWithFileAndLineIfTheConfigurationSaysSo() throws IOException {
        var tasks = tasks("c,x\n\nd,z\n", "on_unknown_label: fail");
        assertThatThrownBy(() -> encode(tasks))
                .isInstanceOf(BadRowException.class)
                .hasMessage(
                        folder.resolve("dev.csv")
                                + ":4: task 't0': the training data does not have z"
                                + " (tasks.t0.on_unknown_label: wrong counts such rows as wrong,"
                                + " skip leaves them out)");
    }

    @Test
    void rowsWithUnknownLabelsAreLeftOutIfTheConfigurationSaysSo() throws IOException {
        var left = encode(tasks("c,x\nd,z\ne,y\n", "on_unknown_label: skip"));
        assertThat(left.getFirst().examples())
                .extracting(example -> example.example().id())
                .containsExactly(1, 3);
        assertThat(skipped.count()).isEqualTo(1);
        var none = tasks("d,z\n", "on_unknown_label: skip");
        assertThatThrownBy(() -> encode(none))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("no row has labels that the training data has");
    }

    @Test
    void anotherKindIsAMistakeOfTheConfigurationEvenIfBadRowsAreLeftOut() throws IOException {
        var validation =
                DataTasks.of(
                        DataTasks.data(
                                "csv",
                                Files.writeString(folder.resolve("n.csv"), "text,label\na,1\n"),
                                ", kind: value, on_bad_row: skip"));
        var labels = tasks("c,x\n");
        var task =
                TaskFactory.of(
                        labels.iterator().next(),
                        HeadRegistry.load(),
                        DatasetReader.read(labels, Split.TRAIN),
                        4,
                        4);
        var encoder = new DatasetEncoder(tokenizer, Map.of("t0", task), validation, skipped);
        assertThatThrownBy(() -> encoder.encode(DatasetReader.read(validation, Split.TRAIN)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("tasks.t0: " + folder.resolve("n.csv") + ":2: takes a label or tags");
    }

    @Test
    void textsAreTokenizedAndTargetsEncodedOnce() throws IOException {
        var dataset = encode(tasks("the queen,x\nparis,y\n")).getFirst();
        var first = dataset.examples().getFirst();
        assertThat(first.example().targets()).containsEntry("t0", new Target.Category("x"));
        assertThat(first.texts().getFirst().encoding().ids())
                .containsExactly(TinyTokenizer.ids("[CLS]", "the", "queen", "[SEP]"));
        assertThat(first.targets()).containsOnlyKeys("t0");
        assertThat(dataset.texts())
                .extracting(text -> text.encoding().length())
                .containsExactly(4, 3);
    }

    @Test
    void placesOfOneFileShareItsName() {
        var a = new Example(1, "a.csv:2", List.of(PreTokenizedText.of("x")), Map.of());
        var b = new Example(2, "a.csv:5", List.of(PreTokenizedText.of("x")), Map.of());
        assertThat(TokenizedExample.places(List.of(a, b))).isEqualTo("a.csv:2, 5");
    }
}
