package dev.mtl.core.tokenizer.huggingface;

import static dev.mtl.core.testing.TinyTokenizer.ids;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

class TextTokenizerTest {
    private static final String GRIN = "\uD83D\uDE00";

    @TempDir Path directory;
    TextTokenizer tokenizer;

    @BeforeEach
    void load() {
        tokenizer = TextTokenizer.load(TinyTokenizer.write(directory), 16);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void givesPiecesWithTheirWordsAndPlaces() {
        var encoding = tokenizer.encode("Playing in Paris.");

        assertThat(encoding.ids())
                .containsExactly(ids("[CLS]", "play", "##ing", "in", "paris", ".", "[SEP]"));
        assertThat(encoding.typeIds()).containsOnly(0);
        assertThat(encoding.wordIds()).containsExactly(-1, 0, 0, 1, 2, 3, -1);
        assertThat(encoding.starts()).containsExactly(0, 0, 4, 8, 11, 16, 0);
        assertThat(encoding.ends()).containsExactly(0, 4, 7, 10, 16, 17, 0);
        assertThat(encoding.truncated()).isFalse();
        assertThat(encoding.length()).isEqualTo(7);
    }

    private TextTokenizer prompting(String prompt) {
        return TextTokenizer.load(
                directory.resolve("tokenizer.json"), 16, new NamedPrompt("query", prompt));
    }

    @Test
    void theTokensOfAPromptBelongToNoWord() {
        try (var prompting = prompting(GRIN + " for: ")) {
            var text = PreTokenizedText.of("Playing " + GRIN + " Paris");
            var tokenized = prompting.tokenize(text).encoding();

            assertThat(tokenized.ids())
                    .isEqualTo(tokenizer.encode(GRIN + " for: " + text.text()).ids());
            assertThat(tokenized.wordIds()).containsExactly(-1, -1, -1, -1, 0, 0, 1, 2, -1);
            assertThat(tokenized.starts()).containsExactly(0, 0, 0, 0, 0, 4, 8, 11, 0);
            assertThat(tokenized.ends()).containsExactly(0, 0, 0, 0, 4, 7, 10, 16, 0);
            assertThat(tokenized.promptLength()).isEqualTo(4);
            assertThat(prompting.encode(text.text()).ids()).isEqualTo(tokenized.ids());
            assertThat(prompting.encodeBatch(List.of("a", "")).getLast().ids())
                    .isEqualTo(tokenizer.encode(GRIN + " for: ").ids());
        }
    }

    @Test
    void everyWindowOfALongTextBeginsWithThePrompt() {
        try (var prompting = prompting("what is ")) {
            var tokenized =
                    prompting.tokenize(PreTokenizedText.of("the blue room song play ".repeat(9)));

            var windows = tokenized.windows();
            assertThat(windows).hasSizeGreaterThan(3);
            for (var window : windows) {
                var encoding = window.text().encoding();
                assertThat(encoding.ids())
                        .startsWith(ids("[CLS]", "what", "is"))
                        .hasSizeLessThan(17);
                assertThat(encoding.wordIds()).startsWith(-1, -1, -1, 0);
                assertThat(encoding.promptLength()).isEqualTo(3);
            }
            assertThat(tokenized.kept(windows).length()).isEqualTo(3 + 45 + 1);
        }
    }

    @Test
    void refusesAPromptThatLeavesNoRoom() {
        assertThatThrownBy(() -> prompting("the blue room ".repeat(5)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "max_length 16 leaves no room for a text after the prompt 'query', which"
                                + " has 15 tokens");
    }

    @Test
    void countsOffsetsInUtf16UnitsAfterAnEmoji() {
        var text = "the " + GRIN + " queen";
        var encoding = tokenizer.encode(text);

        assertThat(encoding.ids()).containsExactly(ids("[CLS]", "the", GRIN, "queen", "[SEP]"));
        assertThat(cut(text, encoding)).containsExactly("", "the", GRIN, "queen", "");
    }

    @Test
    void countsOffsetsOfWordsInUtf16Units() {
        var encoding = ofWords("the", GRIN + ".queen");

        assertThat(encoding.wordIds()).containsExactly(-1, 0, 1, 1, 1, -1);
        assertThat(encoding.starts()).containsExactly(0, 0, 4, 6, 7, 0);
        assertThat(encoding.ends()).containsExactly(0, 3, 6, 7, 12, 0);
    }

    @Test
    void keepsOffsetsOfTheTextWhereTheNormalizerChangesItsLength() {
        var text = "Pe\u0301 que\u0301en \u0130s the";
        var encoding = tokenizer.encode(text);

        assertThat(cut(text, encoding)).contains("the");
        for (int i = 0; i < encoding.length(); i++) {
            assertThat(encoding.starts()[i]).isBetween(0, encoding.ends()[i]);
            assertThat(encoding.ends()[i]).isLessThanOrEqualTo(text.length());
        }
    }

    @Test
    void anEmptyTextHasAnEmbedding() {
        assertThat(tokenizer.encode("").ids()).containsExactly(ids("[CLS]", "[SEP]"));
        assertThat(tokenizer.encode(" \t\n").ids()).containsExactly(ids("[CLS]", "[SEP]"));
        assertThat(ofWords().ids()).containsExactly(ids("[CLS]", "[SEP]"));
        assertThat(tokenizer.tokenize(List.of())).isEmpty();
        assertThat(tokenizer.encodeBatch(List.of("", "the")).get(0).ids())
                .containsExactly(ids("[CLS]", "[SEP]"));
        assertThat(tokenizer.encodeBatch(List.of())).isEmpty();
    }

    @Test
    void givesPiecesOfWords() {
        var encoding = ofWords("what's", "playing", "?");

        assertThat(encoding.ids())
                .containsExactly(ids("[CLS]", "what", "'", "s", "play", "##ing", "?", "[SEP]"));
        assertThat(encoding.wordIds()).containsExactly(-1, 0, 0, 0, 1, 1, 2, -1);
    }

    @Test
    void wordsWithoutPiecesDoNotShiftTheOthers() {
        var encoding = ofWords("\uFFFD", "play", "\u200B", "", " ", "\u0000", "queen", "\u0301");

        assertThat(encoding.ids()).containsExactly(ids("[CLS]", "play", "queen", "[SEP]"));
        assertThat(encoding.wordIds()).containsExactly(-1, 1, 6, -1);
    }

    @Test
    void replacesHalfASurrogatePair() {
        for (var half : List.of("\uD83D", "\uDE00", "\uDE00\uD83D")) {
            assertThat(tokenizer.encode("the " + half + " queen").ids())
                    .containsExactly(ids("[CLS]", "the", "queen", "[SEP]"));
            var text = half + " " + GRIN + " queen";
            assertThat(cut(text, tokenizer.encode(text))).contains("queen");
            assertThat(tokenizer.encodeBatch(List.of("queen " + half)).get(0).ids())
                    .containsExactly(ids("[CLS]", "queen", "[SEP]"));
            assertThat(ofWords("the", half, "queen").wordIds()).containsExactly(-1, 0, 2, -1);
        }
    }

    @Test
    void cutsToTheLengthAskedForWithBothSpecialTokens() {
        var fits = tokenizer.encode("the ".repeat(14));
        assertThat(fits.length()).isEqualTo(16);
        assertThat(fits.truncated()).isFalse();

        var cut = tokenizer.encode("the ".repeat(15));
        assertThat(cut.length()).isEqualTo(16);
        assertThat(cut.truncated()).isTrue();
        assertThat(cut.ids()).startsWith(ids("[CLS]", "the")).endsWith(ids("the", "[SEP]"));

        var text = tokenizer.tokenize(PreTokenizedText.ofWords(Collections.nCopies(100, "queen")));
        assertThat(text.length()).isEqualTo(102);
        var words = text.encoding();
        assertThat(words.length()).isEqualTo(16);
        assertThat(words.truncated()).isTrue();
        assertThat(words.wordIds()[14]).isEqualTo(13);
    }

    @Test
    void usesNeitherTruncationNorPaddingOfTheFile() {
        var file =
                TinyTokenizer.write(
                        directory,
                        Map.of(
                                "truncation",
                                Map.of(
                                        "direction",
                                        "Right",
                                        "max_length",
                                        6,
                                        "strategy",
                                        "LongestFirst",
                                        "stride",
                                        2),
                                "padding",
                                Map.of(
                                        "strategy",
                                        Map.of("Fixed", 6),
                                        "direction",
                                        "Right",
                                        "pad_to_multiple_of",
                                        4,
                                        "pad_id",
                                        0,
                                        "pad_type_id",
                                        0,
                                        "pad_token",
                                        "[PAD]")));
        try (var other = TextTokenizer.load(file, 12)) {
            assertThat(other.encode("the").length()).isEqualTo(3);
            assertThat(other.encode("the ".repeat(9)).length()).isEqualTo(11);
            assertThat(other.encode("the ".repeat(20)).length()).isEqualTo(12);
            var batch = other.encodeBatch(List.of("the", "the queen in paris"));
            assertThat(batch.get(0).length()).isEqualTo(3);
            assertThat(batch.get(1).length()).isEqualTo(6);
            assertThat(other.tokenize(PreTokenizedText.of("the")).length()).isEqualTo(3);
            assertThat(other.tokenize(PreTokenizedText.of("the ".repeat(20))).length())
                    .isEqualTo(22);
        }
    }

    @Test
    void aBatchHasWhatItsTextsHaveAlone() {
        var texts = List.of("play " + GRIN, "what's playing?", "", "room ".repeat(40), "\uD83D");
        var batch = tokenizer.encodeBatch(texts);

        for (int i = 0; i < texts.size(); i++) {
            assertThat(batch.get(i))
                    .usingRecursiveComparison()
                    .isEqualTo(tokenizer.encode(texts.get(i)));
        }
    }

    @Test
    @Timeout(20)
    void aMillionCharactersAreNoTrouble() {
        assertThat(tokenizer.encode("a".repeat(1_000_000)).ids())
                .containsExactly(ids("[CLS]", "[UNK]", "[SEP]"));
        assertThat(tokenizer.encode("a.".repeat(100_000)).length()).isEqualTo(16);
        assertThat(tokenizer.encode(GRIN.repeat(500_000)).ids())
                .containsExactly(ids("[CLS]", "[UNK]", "[SEP]"));
        assertThat(ofWords("the", (GRIN + ".").repeat(100_000)).length()).isEqualTo(16);
    }

    @Test
    void manyThreadsMayUseItAtOnce() throws Exception {
        var expected = tokenizer.encode("what's playing in the blue room?");
        var tasks = new ArrayList<Callable<Encoding>>();
        for (int i = 0; i < 400; i++) {
            tasks.add(() -> tokenizer.encode("what's playing in the blue room?"));
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var encoding : threads.invokeAll(tasks)) {
                assertThat(encoding.get()).usingRecursiveComparison().isEqualTo(expected);
            }
        }
    }

    @Test
    void oneThatIsClosedSaysSo() {
        tokenizer.close();
        tokenizer.close();

        assertThatThrownBy(() -> tokenizer.encode("the"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("this tokenizer is closed");
    }

    @Test
    void knowsItsPadding() {
        assertThat(tokenizer.padId()).isEqualTo(TinyTokenizer.id("[PAD]"));
        assertThat(tokenizer.maxLength()).isEqualTo(16);
    }

    @Test
    void rejectsAFileThatIsNoTokenizer() throws IOException {
        var file = Files.writeString(directory.resolve("broken.json"), "{\"version\": \"1.0\"}");

        assertThatThrownBy(() -> TextTokenizer.load(file, 16))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> TextTokenizer.load(directory.resolve("none.json"), 16))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("none.json");
    }

    @Test
    void rejectsALengthThatHasNoRoomForText() {
        assertThatThrownBy(() -> TextTokenizer.load(directory.resolve("tokenizer.json"), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 3");
    }

    private Encoding ofWords(String... words) {
        return tokenizer.tokenize(PreTokenizedText.ofWords(List.of(words))).encoding();
    }

    private static List<String> cut(String text, Encoding encoding) {
        var parts = new ArrayList<String>();
        for (int i = 0; i < encoding.length(); i++) {
            parts.add(text.substring(encoding.starts()[i], encoding.ends()[i]));
        }
        return parts;
    }
}
