package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class MemoryFormatTest {
    /** The data set of the task t0 that has these examples for training. */
    private static Dataset read(String more, Example... examples) {
        return DatasetReader.read(
                        DataTasks.of("{train: \"memory:rows\"" + more + "}"),
                        Split.TRAIN,
                        Map.of("memory:rows", Dataset.of(List.of(examples))))
                .getFirst();
    }

    private static Example tagged(String... tags) {
        return Example.of("a b").withTags("t0", List.of(tags));
    }

    @Test
    void numbersTheExamplesAndNamesTheirPlaces() {
        var dataset =
                read(
                        "",
                        Example.of("a").withLabel("t0", "x"),
                        Example.of("b").withLabel("t0", "y").withLabel("other", "z").at("key 5"));

        assertThat(dataset.source()).isEqualTo("rows");
        assertThat(dataset.tasks()).containsExactly("t0");
        assertThat(dataset.examples()).extracting(Example::id).containsExactly(1, 2);
        assertThat(dataset.examples())
                .extracting(Example::place)
                .containsExactly("rows:1", "key 5");
        assertThat(dataset.examples().getLast().targets())
                .isEqualTo(Map.of("t0", new Target.Category("y")));
    }

    @Test
    void readsTheTagsOfOtherSchemesAsBio2() {
        assertThat(DataTasks.target(read("", tagged("S-x", "O"), tagged("B-x", "E-x")), 1, "t0"))
                .isEqualTo(new Target.Tags(List.of("B-x", "I-x")));
    }

    static Stream<Arguments> badRows() {
        return Stream.of(
                Arguments.of(
                        Example.of("a b").withLabel("t1", "x"),
                        "has no target for the task 't0', only for [t1]"),
                Arguments.of(Example.of(" ").withLabel("t0", "x"), "has no text"),
                Arguments.of(Example.of("a").withLabel("t0", " "), "task 't0' has no label"),
                Arguments.of(
                        Example.of("a").withLabels("t0", List.of("x", "")),
                        "task 't0' has an empty label"),
                Arguments.of(Example.of("a").withValues("t0"), "task 't0' has no number"),
                Arguments.of(
                        Example.of("a").withValues("t0", 1, Double.NaN),
                        "task 't0' takes finite numbers, not [1.0, NaN]"),
                Arguments.of(tagged("O"), "task 't0' has 1 tags for 2 words"),
                Arguments.of(
                        Example.ofTexts("a", "b").withLabel("t0", "x"),
                        "has 2 texts, the first example has 1"));
    }

    @ParameterizedTest
    @MethodSource("badRows")
    void namesTheExampleThatCannotBeUsed(Example bad, String problem) {
        var good = Example.of("a").withLabel("t0", "x");

        assertThatThrownBy(() -> read("", good, bad))
                .isInstanceOf(BadRowException.class)
                .hasMessage("rows:2: " + problem + " (data.on_bad_row: skip leaves such rows out)");
        assertThat(read(", on_bad_row: skip", good, bad).examples()).hasSize(1);
    }

    @Test
    void rejectsADatasetWithoutExamples() {
        assertThatThrownBy(() -> read(""))
                .isInstanceOf(MtlException.class)
                .hasMessage("rows: has no row that can be read");
    }
}
