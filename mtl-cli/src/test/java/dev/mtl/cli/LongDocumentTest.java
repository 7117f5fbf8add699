package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.testing.TinyTokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tags of documents of 4,000 words by an encoder that reads them whole. */
class LongDocumentTest {
    private static final int WORDS = 4000;

    @TempDir Path folder;

    /** Attention to all tokens in the first layer, in windows in the others. */
    private Path modernBert() {
        return TinyModel.write(
                        folder.resolve("modernbert"),
                        7,
                        """
                        {"model_type": "modernbert", "vocab_size": %d, "hidden_size": %d,
                         "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48,
                         "max_position_embeddings": 4096, "local_attention": 128}
                        """
                                .formatted(TinyTokenizer.VOCABULARY.size(), TinyModel.HIDDEN))
                .path();
    }

    /** One document of four-word sentences, whose last word has a tag of its own. */
    private Path document() throws IOException {
        var words = new StringBuilder();
        for (int i = 0; i < WORDS / 4; i++) {
            var colour = ToyTask.COLOURS.get(i % 3);
            words.append("book O\nthe O\nroom O\n%s B-colour\n".formatted(colour));
        }
        return Files.writeString(folder.resolve("document.conll"), words);
    }

    private Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void everyWordIsTrainedAndTaggedWithoutWindows() throws IOException {
        var document = document();
        var model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        modernBert(),
                        4096,
                        """
                        colours:
                          head: token-classification
                          data: {format: conll, train: "%1$s", validation: "%1$s"}
                        """
                                .formatted(document),
                        "epochs: 8, base_lr: 1.0e-2, evaluate_every: 8 steps",
                        model);

        var training = mtl("train", config.toString(), "--format", "json");

        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.err()).doesNotContain("max_length");
        assertThat(training.json().getLast().at("/tasks/colours/f1").asDouble()).isEqualTo(1);
        var output = folder.resolve("tagged.conll");
        var prediction =
                mtl(
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        document.toString(),
                        "--output",
                        output.toString());
        assertThat(prediction.code()).as(prediction.err()).isZero();
        // the word and its tag as they were, the tag that was read, the one that is predicted
        var expected =
                Files.readAllLines(document).stream()
                        .map(line -> line.split(" "))
                        .map(line -> line[0] + ("\t" + line[1]).repeat(3))
                        .toList();
        assertThat(Files.readAllLines(output))
                .hasSize(WORDS + 1)
                .startsWith(expected.toArray(String[]::new));
    }
}
