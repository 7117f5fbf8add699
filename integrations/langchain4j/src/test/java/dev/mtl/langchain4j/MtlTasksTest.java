package dev.mtl.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.segment.TextSegment;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.testing.RandomHeads;
import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** Tasks of a trained model behind LangChain4j's interfaces. */
class MtlTasksTest {
    @TempDir static Path folder;
    private static Pipeline pipeline = null;

    @BeforeAll
    static void load() {
        var backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        var saved = folder.resolve("saved");
        RandomHeads.save(
                backbone,
                saved,
                9,
                RandomHeads.task("intent", "classification", "Book", "Play", "Ask"),
                RandomHeads.task("alike", "similarity"));
        pipeline = Pipeline.load(saved);
    }

    @AfterAll
    static void close() {
        pipeline.close();
    }

    @Test
    void aTaskOfLabelsIsATextClassifier() {
        var classifier = new MtlTextClassifier(pipeline, "intent");
        var labels = classifier.classifyWithScores("play the song").scoredLabels();

        assertThat(labels).hasSize(3);
        assertThat(labels.getFirst().label())
                .isEqualTo(pipeline.analyze("play the song").labels("intent").getFirst().name());
        assertThat(labels.stream().mapToDouble(label -> label.score()).sum())
                .isBetween(0.999, 1.001);
    }

    @Test
    void aTaskOfTwoTextsIsAScoringModel() {
        var scoring = MtlScoringModel.byValue(pipeline, "alike");
        var scores =
                scoring.scoreAll(
                                List.of(
                                        TextSegment.from("play the song"),
                                        TextSegment.from("what is the weather in paris")),
                                "play the song")
                        .content();

        assertThat(scores).hasSize(2);
        assertThat(scores.getFirst()).isGreaterThan(scores.getLast());
    }

    @Test
    void aTaskThatGivesNoSuchScoreIsRefused() {
        var scoring = MtlScoringModel.byLabel(pipeline, "alike", "relevant");

        assertThatThrownBy(() -> scoring.scoreAll(List.of(TextSegment.from("a")), "b"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("task 'alike' gives");
    }
}
