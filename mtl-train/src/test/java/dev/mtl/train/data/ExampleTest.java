package dev.mtl.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class ExampleTest {
    @Test
    void entitiesBecomeTagsOfTheWordsOfTheText() {
        var example =
                Example.of("Book the blue room, please")
                        .withEntities(
                                "slots",
                                new Example.Span(9, 18, "room"),
                                new Example.Span(0, 4, "verb"));

        assertThat(example.words()).containsExactly("Book", "the", "blue", "room", ",", "please");
        assertThat(example.targets())
                .containsEntry(
                        "slots",
                        new Target.Tags(List.of("B-verb", "O", "B-room", "I-room", "O", "O")));
    }

    @Test
    void aTextWithoutEntitiesIsOutsideOfAll() {
        assertThat(Example.of("a b").withEntities("slots").targets())
                .containsEntry("slots", new Target.Tags(List.of("O", "O")));
    }

    @Test
    void rejectsAnEntityThatCutsAWord() {
        var example = Example.of("Book the blue room");

        assertThatThrownBy(() -> example.withEntities("slots", new Example.Span(9, 12, "x")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the entities of 'slots' in 'Book the blue room': the entity")
                .hasMessageContaining("cuts the word 'blue' at 9-13");
    }

    @Test
    void hasATargetForEachTask() {
        var example =
                Example.ofTexts("one", "two")
                        .withLabel("a", "x")
                        .withLabel("a", "y")
                        .withLabels("b", List.of("p", "q"))
                        .withValues("c", 1, 2.5)
                        .unlabelled("d")
                        .at("row 7");

        assertThat(example.texts()).extracting(text -> text.text()).containsExactly("one", "two");
        assertThat(example.place()).isEqualTo("row 7");
        assertThat(example.targets())
                .hasSize(4)
                .containsEntry("a", new Target.Category("y"))
                .containsEntry("b", new Target.Labels(List.of("p", "q")))
                .containsEntry("c", new Target.Values(List.of(1.0, 2.5)))
                .containsEntry("d", new Target.Unlabelled());
    }

    @Test
    void aTextOfWordsHasTheseWords() {
        var example = Example.ofWords(List.of("New York", "!")).withTags("t", List.of("B-x", "O"));

        assertThat(example.words()).containsExactly("New York", "!");
        assertThat(example.texts().getFirst().text()).isEqualTo("New York !");
    }

    @Test
    void aDatasetIteratesOnce() {
        var passes = new ArrayList<String>();
        Iterable<Example> examples =
                () -> {
                    passes.add("pass");
                    return List.of(
                                    Example.of("a").withLabel("x", "1"),
                                    Example.of("b").withLabel("x", "2").withLabel("y", "3"))
                            .iterator();
                };
        var dataset = Dataset.of("rows", examples);

        assertThat(passes).hasSize(1);
        assertThat(dataset.source()).isEqualTo("rows");
        assertThat(dataset.tasks()).containsExactly("x", "y");
        assertThat(dataset.examples()).hasSize(2);
    }
}
