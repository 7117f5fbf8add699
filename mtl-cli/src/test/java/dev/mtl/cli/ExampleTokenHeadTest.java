package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The head {@code word-tags} of {@code docs/example-head}, which reads tokens. */
class ExampleTokenHeadTest {
    @TempDir private Path folder;

    private Path data() throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < 36; i++) {
            for (int j = 0; j < i % 4; j++) {
                rows.append("the\tDET\n");
            }
            rows.append(i % 2 == 0 ? "book\tVERB\n" : "play\tVERB\n");
            rows.append(ToyTask.COLOURS.get(i % 3)).append("\tADJ\n\n");
        }
        return Files.writeString(folder.resolve("words.conll"), rows);
    }

    @Test
    void learnsIsLoadedAndTagsTheWordsOfNewTexts() throws IOException {
        var jar = ExampleJar.build(folder);
        var model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        words:
                          head: word-tags
                          data: {format: conll, train: "%1$s", validation: "%1$s"}
                        """
                                .formatted(data()),
                        "epochs: 6, base_lr: 5.0e-3",
                        model);

        var training = jar.mtl("train", config.toString(), "--format=json");
        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.json().getLast().at("/tasks/words/accuracy").asDouble()).isEqualTo(1);

        var said =
                jar.mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--format=json",
                        "the the play green",
                        "book red");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.json())
                .extracting(json -> json.at("/tasks/words/tags").toString())
                .containsExactly("[\"DET\",\"DET\",\"VERB\",\"ADJ\"]", "[\"VERB\",\"ADJ\"]");
    }
}
