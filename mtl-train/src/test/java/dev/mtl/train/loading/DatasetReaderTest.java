package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RetrievalConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.settings.JointBertSettings;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which tasks share their texts, and what becomes of rows that cannot be read. */
class DatasetReaderTest {
    @TempDir private Path folder;

    private record NoSettings() {}

    private String write(String name, String texts, String tags, String labels) throws IOException {
        var directory = Files.createDirectories(folder.resolve(name));
        Files.writeString(directory.resolve("seq.in"), texts);
        Files.writeString(directory.resolve("seq.out"), tags);
        Files.writeString(directory.resolve("label"), labels);
        return directory.toString();
    }

    private static TaskConfig task(
            String name,
            String column,
            String train,
            @Nullable String validation,
            OnBadRow onBadRow) {
        return new TaskConfig(
                name,
                "any",
                1,
                null,
                LayerMix.LAST,
                OnUnknownLabel.WRONG,
                new DataConfig(
                        train,
                        validation,
                        null,
                        0,
                        0,
                        false,
                        10_000,
                        RetrievalConfig.NONE,
                        new JointBertSettings(column),
                        onBadRow),
                true,
                false,
                null,
                new NoSettings());
    }

    @Test
    void tasksOfOneFileShareItsTexts() throws IOException {
        var one = write("one", "a b\nc\n", "B-x O\nO\n", "X\nY\n");
        var other = write("other", "d\n", "O\n", "Z\n");
        var datasets =
                DatasetReader.read(
                        List.of(
                                task("intent", "label", one, null, OnBadRow.FAIL),
                                task("topic", "label", other, null, OnBadRow.FAIL),
                                task("slots", "seq.out", one, null, OnBadRow.FAIL)),
                        Split.TRAIN);
        assertThat(datasets).hasSize(2);
        assertThat(datasets.getFirst().tasks()).containsExactly("intent", "slots");
        var example = datasets.getFirst().examples().getFirst();
        assertThat(example.id()).isEqualTo(1);
        assertThat(example.words()).containsExactly("a", "b");
        assertThat(example.targets())
                .containsOnlyKeys("intent", "slots")
                .containsEntry("intent", new Target.Category("X"))
                .containsEntry("slots", new Target.Tags(List.of("B-x", "O")));
        assertThat(datasets.getLast().tasks()).containsExactly("topic");
        assertThat(datasets.getLast().examples()).hasSize(1);
    }

    @Test
    void aSplitThatATaskDoesNotNameIsLeftOut() throws IOException {
        var one = write("one", "a\n", "O\n", "X\n");
        var tasks =
                List.of(
                        task("intent", "label", one, one, OnBadRow.FAIL),
                        task("slots", "seq.out", one, null, OnBadRow.FAIL));
        assertThat(DatasetReader.read(tasks, Split.VALIDATION))
                .singleElement()
                .satisfies(dataset -> assertThat(dataset.tasks()).containsExactly("intent"));
        assertThat(DatasetReader.read(tasks, Split.TEST)).isEmpty();
    }

    @Test
    void aColumnThatNoTaskReadsNeedNotBeThere() throws IOException {
        var one = write("one", "a b\n", "O\n", "X\n");
        Files.delete(Path.of(one, "seq.out"));
        var datasets =
                DatasetReader.read(
                        List.of(task("intent", "label", one, null, OnBadRow.FAIL)), Split.TRAIN);
        assertThat(datasets.getFirst().examples()).hasSize(1);
    }

    @Test
    void aBadRowEndsTheReading() throws IOException {
        var one = write("one", "a b\nc\n", "O\nO\n", "X\nY\n");
        assertThatThrownBy(
                        () ->
                                DatasetReader.read(
                                        List.of(task("slots", "seq.out", one, null, OnBadRow.FAIL)),
                                        Split.TRAIN))
                .isInstanceOf(BadRowException.class)
                .hasMessage(
                        one
                                + "/seq.out:1: has 1 tags, seq.in has 2 words there"
                                + " (data.on_bad_row: skip leaves such rows out)");
    }

    @Test
    void aRowThatOneTaskCannotUseIsNotLostForTheOthers() throws IOException {
        var one = write("one", "a b\n\nc\nd\n", "O\n\nO\nO\n", "X\nX\nY\n\n");
        var slots = task("slots", "seq.out", one, null, OnBadRow.SKIP);
        var intent = task("intent", "label", one, null, OnBadRow.SKIP);
        var skipped = new SkippedRows();
        var dataset = DatasetReader.read(List.of(slots, intent), Split.TRAIN, skipped).getFirst();
        assertThat(dataset.examples())
                .extracting(Example::id, example -> example.targets().keySet())
                .containsExactly(
                        tuple(1, Set.of("intent")),
                        tuple(3, Set.of("intent", "slots")),
                        tuple(4, Set.of("slots")));
        assertThat(skipped.count()).as("the row without a text, too").isEqualTo(3);
    }

    @Test
    void aBadRowEndsTheReadingIfOneOfItsTasksSaysSo() throws IOException {
        var one = write("one", "a b\nc\n", "O\nO\n", "X\n\n");
        var slots = task("slots", "seq.out", one, null, OnBadRow.SKIP);
        assertThatThrownBy(
                        () ->
                                DatasetReader.read(
                                        List.of(
                                                slots,
                                                task("intent", "label", one, null, OnBadRow.FAIL)),
                                        Split.TRAIN))
                .isInstanceOf(BadRowException.class);
    }

    @Test
    void aFileWithoutAnyRowThatCanBeReadIsAFailure() throws IOException {
        var one = write("one", "a b\n", "O\n", "X\n");
        assertThatThrownBy(
                        () ->
                                DatasetReader.read(
                                        List.of(task("slots", "seq.out", one, null, OnBadRow.SKIP)),
                                        Split.TRAIN))
                .isInstanceOf(MtlException.class)
                .hasMessage(one + ": has no row that can be read");
    }

    @Test
    void aShareOfTheTrainingRowsCanBeHeldOut() throws IOException {
        var lines = new StringBuilder("text,label\n");
        for (int i = 0; i < 1000; i++) {
            lines.append("word").append(i).append(",a\n");
        }
        var file = Files.writeString(folder.resolve("split.csv"), lines);
        var tasks = DataTasks.of(DataTasks.data("csv", file, ", validation_split: 0.2"));
        var training = DatasetReader.read(tasks, Split.TRAIN).getFirst().examples();
        var heldOut = DatasetReader.read(tasks, Split.VALIDATION).getFirst().examples();
        assertThat(heldOut.size()).isBetween(160, 240);
        assertThat(training.size() + heldOut.size()).isEqualTo(1000);
        assertThat(training).doesNotContainAnyElementsOf(heldOut);
        assertThat(DatasetReader.read(tasks, Split.VALIDATION).getFirst().examples())
                .isEqualTo(heldOut);
        assertThat(DatasetReader.read(tasks, Split.TEST)).isEmpty();
        assertThatThrownBy(
                        () ->
                                DataTasks.of(
                                        DataTasks.data(
                                                "csv",
                                                file,
                                                ", validation: v.csv, validation_split: 0.2")))
                .hasMessageContaining("validation_split holds out rows of train");
    }

    @Test
    void testRowsCanBeHeldOutBesideThoseOfValidation() throws IOException {
        var lines = new StringBuilder("text,label\n");
        for (int i = 0; i < 1000; i++) {
            lines.append("word").append(i).append(",a\n");
        }
        var file = Files.writeString(folder.resolve("split.csv"), lines);
        var without = DataTasks.of(DataTasks.data("csv", file, ", validation_split: 0.2"));
        var tasks =
                DataTasks.of(
                        DataTasks.data("csv", file, ", validation_split: 0.2, test_split: 0.1"));
        var all = new HashSet<Integer>();
        int rows = 0;
        for (var split : Split.values()) {
            var examples = DatasetReader.read(tasks, split).getFirst().examples();
            rows += examples.size();
            examples.forEach(example -> all.add(example.id()));
            if (split == Split.TEST) {
                assertThat(examples.size()).isBetween(70, 130);
            }
        }
        assertThat(rows).isEqualTo(1000);
        assertThat(all).hasSize(1000);
        assertThat(DatasetReader.read(tasks, Split.VALIDATION).getFirst().examples())
                .isEqualTo(DatasetReader.read(without, Split.VALIDATION).getFirst().examples());
        assertThatThrownBy(
                        () ->
                                DataTasks.of(
                                        DataTasks.data(
                                                "csv", file, ", test: t.csv, test_split: 0.2")))
                .hasMessageContaining("test_split holds out rows of train, but test names another");
    }

    @Test
    void filesThatMatchAPatternAreOneDataset() throws IOException {
        for (var name : List.of("b", "a", "c")) {
            Files.writeString(folder.resolve(name + ".csv"), "text,label\n" + name + ",x\n");
        }
        var some = DataTasks.read(DataTasks.data("csv", folder.resolve("{c,a}.csv"), ""));
        assertThat(some.examples())
                .extracting(Example::words)
                .containsExactly(List.of("a"), List.of("c"));
        assertThat(some.examples()).extracting(Example::id).containsExactly(1, 2);
        assertThat(some.examples().getLast().place()).endsWith("c.csv:2");
        assertThat(DataTasks.read(DataTasks.data("csv", folder.resolve("*.csv"), "")).examples())
                .hasSize(3);
        assertThatThrownBy(() -> DataTasks.read(DataTasks.data("csv", folder.resolve("*.tsv"), "")))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("*.tsv: no file matches");
    }

    @Test
    void aPatternLooksIntoAFolderThatIsASymbolicLink() throws IOException {
        var real = Files.createDirectory(folder.resolve("real"));
        Files.writeString(real.resolve("a.csv"), "text,label\na,x\n");
        var link = Files.createSymbolicLink(folder.resolve("link"), real);
        assertThat(DataTasks.read(DataTasks.data("csv", link.resolve("*.csv"), "")).examples())
                .hasSize(1);
    }
}
