package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.MtlException;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Two texts together, against the pairs that Hugging Face's tokenizer makes itself. */
class TokenizedPairTest {
    private static final Path BYTE_LEVEL =
            Path.of("src/test/resources/dev/mtl/core/tokenizer/byte-level/tokenizer.json");
    private static final String[] TEXTS = {
        "",
        "the",
        "play the song in paris",
        "What's the weather in paris on monday?",
        "the queen, xyz, playing a \uD83D\uDE00 song ".repeat(4)
    };

    @TempDir private Path directory;

    private static TokenizedPair pair(TextTokenizer tokenizer, String first, String second) {
        return TokenizedPair.of(
                tokenizer.tokenize(PreTokenizedText.of(first)),
                tokenizer.tokenize(PreTokenizedText.of(second)));
    }

    private static void compareAllPairs(Path file) throws IOException {
        for (int maxLength = 8; maxLength < 70; maxLength += 3) {
            var options =
                    Map.of(
                            "padding",
                            "false",
                            "truncation",
                            "longest_first",
                            "maxLength",
                            String.valueOf(maxLength),
                            "modelMaxLength",
                            String.valueOf(maxLength));
            try (var tokenizer = TextTokenizer.load(file, maxLength);
                    var reference = HuggingFaceTokenizer.newInstance(file, options)) {
                for (var first : TEXTS) {
                    for (var second : TEXTS) {
                        var expected = reference.encode(first, second, true, false);
                        var pair = pair(tokenizer, first, second);
                        var actual = pair.encoding();
                        assertThat(actual.ids())
                                .as("'%s', '%s' in %d tokens", first, second, maxLength)
                                .containsExactly(expected.getIds());
                        assertThat(actual.typeIds()).containsExactly(expected.getTypeIds());
                        assertThat(textIds(pair)).containsExactly(expected.getSequenceIds());
                        assertThat(actual.truncated()).isEqualTo(expected.exceedMaxLength());
                    }
                }
            }
        }
    }

    private static long[] textIds(TokenizedPair pair) {
        var ids = new long[pair.encoding().length()];
        Arrays.fill(ids, -1);
        Arrays.fill(ids, pair.firstBegin(), pair.firstEnd(), 0);
        Arrays.fill(ids, pair.secondBegin(), pair.secondEnd(), 1);
        return ids;
    }

    @Test
    void isThatOfHuggingFaceForBert() throws IOException {
        compareAllPairs(TinyTokenizer.write(directory));
    }

    @Test
    void isThatOfHuggingFaceForRoberta() throws IOException {
        compareAllPairs(BYTE_LEVEL);
    }

    @Test
    void tokensKeepTheWordsAndOffsetsOfTheirOwnText() {
        try (var tokenizer = TextTokenizer.load(TinyTokenizer.write(directory), 32)) {
            var pair = pair(tokenizer, "the queen", "in paris.");
            // [CLS] the queen [SEP] in paris . [SEP]
            assertThat(pair.encoding().wordIds()).containsExactly(-1, 0, 1, -1, 0, 1, 2, -1);
            assertThat(pair.encoding().typeIds()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
            int paris = pair.secondBegin() + 1;
            assertThat(
                            pair.second()
                                    .text()
                                    .substring(
                                            pair.encoding().starts()[paris],
                                            pair.encoding().ends()[paris]))
                    .isEqualTo("paris");
        }
    }

    @Test
    void aMaximumLengthWithoutRoomForTwoTextsIsNamed() {
        try (var tokenizer = TextTokenizer.load(TinyTokenizer.write(directory), 4)) {
            assertThatThrownBy(() -> pair(tokenizer, "the", "the"))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining("max_length 4 has no room for two texts");
        }
    }
}
