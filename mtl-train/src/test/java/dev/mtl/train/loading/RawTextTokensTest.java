package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.data.Dataset;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Tokens of training data by RoBERTa's kind of tokenizer, whose pieces say whether a space comes
 * before them, against those that {@code embed} and {@code predict} read of the same texts.
 */
class RawTextTokensTest {
    private static final List<String> TEXTS =
            List.of(
                    "the boats come back late.",
                    " the boats,  come \u201Cback\u201D ",
                    "K\u00E4se f\u00FCr \uD83E\uDD8A!",
                    "who's (late)?");

    @TempDir private Path folder;
    private TextTokenizer tokenizer;

    @BeforeEach
    void load() throws IOException {
        var file = folder.resolve("tokenizer.json");
        try (var json =
                TextTokenizer.class.getResourceAsStream(
                        "/dev/mtl/core/tokenizer/byte-level/tokenizer.json")) {
            Files.copy(Objects.requireNonNull(json), file);
        }
        tokenizer = TextTokenizer.load(file, 64);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    /** What {@code embed} reads, what {@code predict} reads, and what training reads. */
    private void compare(Dataset dataset, List<String> texts) {
        var training =
                tokenizer.tokenize(
                        dataset.examples().stream().flatMap(e -> e.texts().stream()).toList());
        var prediction = tokenizer.tokenize(texts.stream().map(PreTokenizedText::of).toList());
        assertThat(training).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i++) {
            var embed = tokenizer.encode(texts.get(i)).ids();
            assertThat(training.get(i).encoding().ids()).as(texts.get(i)).isEqualTo(embed);
            assertThat(prediction.get(i).encoding().ids()).as(texts.get(i)).isEqualTo(embed);
        }
        assertThat(training.stream().map(TokenizedText::encoding).map(Encoding::wordIds))
                .usingElementComparator(java.util.Arrays::compare)
                .containsExactlyElementsOf(
                        prediction.stream()
                                .map(TokenizedText::encoding)
                                .map(Encoding::wordIds)
                                .toList());
    }

    @Test
    void aTableIsReadAsEmbedReadsItsTexts() throws IOException {
        var csv = new StringBuilder("text,label\n");
        TEXTS.forEach(text -> csv.append('"').append(text).append("\",x\n"));
        var file = Files.writeString(folder.resolve("a.csv"), csv);

        compare(DataTasks.read(DataTasks.data("csv", file, "")), TEXTS);
    }

    @Test
    void jsonLinesAreReadAsEmbedReadsTheirTexts() throws IOException {
        var lines = new StringBuilder();
        TEXTS.forEach(
                text ->
                        lines.append("{\"text\": \"")
                                .append(text)
                                .append("\", \"label\": \"x\"}\n"));
        var file = Files.writeString(folder.resolve("a.jsonl"), lines);

        compare(DataTasks.read(DataTasks.data("jsonl", file, "")), TEXTS);
    }

    @Test
    void wordsOfACorpusAreReadAsTheirSentence() throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("a.conll"), "the O\nboats O\n\ncome O\nback O\nlate O\n");

        compare(
                DataTasks.read(DataTasks.data("conll", file, "")),
                List.of("the boats", "come back late"));
    }
}
