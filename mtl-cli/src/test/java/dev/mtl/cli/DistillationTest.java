package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Tasks that learn from another model, from YAML to a saved model. */
class DistillationTest {
    private static final List<String> WORDS =
            List.of("blue", "red", "green", "book", "play", "room", "song", "queen");

    @TempDir private Path folder;

    @BeforeEach
    void write() throws IOException {
        TinyModel.write(folder.resolve("teacher"), 9, 0);
        var texts = new StringBuilder("first,second,third\n");
        for (int i = 0; i < 64; i++) {
            texts.append(
                    "the %s %s,in %s,what %s is\n"
                            .formatted(
                                    WORDS.get(i % 8),
                                    WORDS.get(i / 8),
                                    WORDS.get(i * 3 % 8),
                                    WORDS.get(i * 5 / 8 % 8)));
        }
        Files.writeString(folder.resolve("texts.csv"), texts);
    }

    private Call train(String task, String training, String... more) throws IOException {
        var config =
                ToyTask.configuration(
                        folder,
                        task.replace("FOLDER", folder.toString()),
                        training,
                        folder.resolve("model"));
        var args = new ArrayList<>(List.of("train", config.toString(), "--format=json"));
        args.addAll(List.of(more));
        return mtl(args.toArray(String[]::new));
    }

    private Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static final String IMITATION =
            """
            like:
              head: distillation
              teacher: FOLDER/teacher
              data: {format: csv, train: FOLDER/texts.csv, text_column: first, kind: none, validation_split: 0.2}
            """;

    @Test
    void aStudentComesNearToItsTeacher() throws IOException {
        var call = train(IMITATION, "epochs: 30, base_lr: 3.0e-3, evaluate_every: 10 epochs");
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.err()).contains("teacher: embeddings of 64 texts are computed once");
        var first = call.json().getFirst();
        var last = call.json().getLast();
        assertThat(last.at("/tasks/like/mse").asDouble())
                .isLessThan(first.at("/tasks/like/mse").asDouble());
        assertThat(last.at("/tasks/like/cosine").asDouble()).isGreaterThan(0.8);

        var evaluated =
                mtl("evaluate", "--model", folder.resolve("model").toString(), "--format=json");
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.json().getFirst().at("/tasks/like/cosine").asDouble())
                .isCloseTo(last.at("/tasks/like/cosine").asDouble(), within(1e-6));
        var predicted =
                mtl(
                        "predict",
                        "--model",
                        folder.resolve("model").toString(),
                        "--format=json",
                        "blue");
        assertThat(predicted.json().getFirst().at("/tasks/like/embeddings/0")).hasSize(32);
    }

    @Test
    void aRunThatGoesOnReadsWhatItsTeacherSaid() throws IOException {
        var begun = train(IMITATION, "max_steps: 4");
        assertThat(begun.code()).as(begun.err()).isZero();
        try (var kept = Files.list(folder.resolve("model.run/teachers"))) {
            assertThat(kept).hasSize(1);
        }
        var resumed = train(IMITATION, "max_steps: 6", "--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).doesNotContain("computed once");
    }

    @Test
    void marginsOfThreeTextsAreLearned() throws IOException {
        var call =
                train(
                        """
                        like:
                          head: distillation
                          teacher: FOLDER/teacher
                          loss: margin_mse
                          data: {format: csv, train: FOLDER/texts.csv, text_columns: [first, second, third], kind: none, validation: FOLDER/texts.csv}
                        """,
                        "epochs: 30, base_lr: 3.0e-3, evaluate_every: 10 epochs");
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getLast().at("/tasks/like/pearson").asDouble()).isGreaterThan(0.6);
    }

    @Test
    void aGuideChangesWhatContrastiveLearns() throws IOException {
        var task =
                """
                found:
                  head: contrastive
                  guide: %s
                  data: {format: csv, train: FOLDER/texts.csv, text_columns: [first, second], kind: none, validation_split: 0.2}
                """;
        var guided = train(task.formatted("FOLDER/teacher"), "epochs: 1");
        assertThat(guided.code()).as(guided.err()).isZero();
        var alone = train(task.formatted("null"), "epochs: 1", "--overwrite");
        assertThat(guided.json().getLast().path("train_loss").asDouble())
                .as("fewer negatives")
                .isLessThan(alone.json().getLast().path("train_loss").asDouble());
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        var nobody = train(IMITATION.replace("  teacher: FOLDER/teacher\n", ""), "epochs: 1");
        assertThat(nobody.code()).isEqualTo(2);
        assertThat(nobody.err()).contains("tasks.like: teacher is missing");
        var streamed =
                train(IMITATION.replace("validation_split: 0.2", "streaming: true"), "epochs: 1");
        assertThat(streamed.code()).isEqualTo(2);
        assertThat(streamed.err()).contains("tasks.like: data.streaming reads texts again");
    }
}
