package dev.mtl.core.tokenizer;

import static dev.mtl.core.testing.TinyTokenizer.ids;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class TokenizedTextTest {
    private static final List<String> WORDS =
            List.of("the", "playing", "xyz", "queen.", "\uFFFD", "what's", "\uD83D\uDE00");

    @TempDir private Path directory;
    private TextTokenizer tokenizer;
    private TextTokenizer unlimited;

    @BeforeEach
    void load() {
        tokenizer = TextTokenizer.load(TinyTokenizer.write(directory), 16);
        unlimited = TextTokenizer.load(TinyTokenizer.write(directory), 10_000);
    }

    @AfterEach
    void close() {
        tokenizer.close();
        unlimited.close();
    }

    private static List<String> randomWords(int count, long seed) {
        var random = new SplittableRandom(seed);
        var words = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            words.add(WORDS.get(random.nextInt(WORDS.size())));
        }
        return words;
    }

    @Test
    void whatTheModelReadsIsWhatTheTokenizerCutsTheTextTo() {
        for (int count = 0; count < 60; count++) {
            var text = String.join("  ", randomWords(count, count));
            var cut = tokenizer.tokenize(PreTokenizedText.of(text)).encoding();
            var expected = tokenizer.encode(text);
            assertThat(cut.ids()).containsExactly(expected.ids());
            assertThat(cut.starts()).containsExactly(expected.starts());
            assertThat(cut.ends()).containsExactly(expected.ends());
            assertThat(cut.truncated()).isEqualTo(expected.truncated());
        }
    }

    @Test
    void windowsHaveTheTokensOfTheirWordsAloneAndFit() {
        for (int count = 0; count < 200; count += 7) {
            var words = randomWords(count, count);
            var text = tokenizer.tokenize(PreTokenizedText.ofWords(words));
            for (var window : text.windows()) {
                var own = words.subList(window.words().from(), window.words().to());
                var alone = tokenizer.tokenize(PreTokenizedText.ofWords(own)).encoding();
                assertThat(window.text().text()).isEqualTo(PreTokenizedText.ofWords(own));
                assertThat(window.text().encoding()).usingRecursiveComparison().isEqualTo(alone);
                assertThat(alone.truncated()).isFalse();
            }
        }
    }

    @Test
    void windowsTogetherKeepEveryTokenOnce() {
        for (int count = 1; count < 200; count += 7) {
            var given = PreTokenizedText.ofWords(randomWords(count, count));
            var text = tokenizer.tokenize(given);
            assertThat(text.kept(text.windows()))
                    .usingRecursiveComparison()
                    .isEqualTo(unlimited.tokenize(given).encoding());
        }
    }

    @Test
    void aWordThatIsLongerThanAWindowIsCut() {
        var text =
                tokenizer.tokenize(PreTokenizedText.ofWords(List.of("the", "x".repeat(30), "!")));
        var windows = text.windows();

        assertThat(windows).hasSize(3);
        assertThat(windows.get(1).text().encoding().truncated()).isTrue();
        assertThat(windows.get(1).text().encoding().length()).isEqualTo(16);
        var kept = text.kept(windows);
        assertThat(kept.length()).isEqualTo(1 + 1 + 14 + 1 + 1);
        assertThat(kept.ids())
                .startsWith(ids("[CLS]", "the", "x", "##x"))
                .endsWith(ids("!", "[SEP]"));
        assertThat(kept.wordIds()).startsWith(-1, 0, 1).endsWith(1, 2, -1);
    }

    @Test
    void aTokenThatSpansSeveralWordsIsOfTheFirst() {
        var text = "play the queen";
        var encoding =
                tokenizer
                        .tokenize(
                                new PreTokenizedText(
                                        text,
                                        List.of(
                                                new Word("pl", 0, 2),
                                                new Word("ay", 2, 4),
                                                new Word("queen", 9, 14))))
                        .encoding();

        assertThat(encoding.ids()).containsExactly(ids("[CLS]", "play", "the", "queen", "[SEP]"));
        assertThat(encoding.wordIds()).containsExactly(-1, 0, -1, 2, -1);
    }

    @Test
    void manyTextsHaveTheTokensOfEachAlone() {
        var texts = new ArrayList<PreTokenizedText>();
        for (int i = 0; i < 2500; i++) {
            texts.add(PreTokenizedText.ofWords(randomWords(i % 40, i)));
        }
        var batch = tokenizer.tokenize(texts);

        assertThat(batch).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i += 13) {
            var alone = tokenizer.tokenize(texts.get(i));
            assertThat(batch.get(i).text()).isEqualTo(texts.get(i));
            assertThat(batch.get(i).length()).isEqualTo(alone.length());
            assertThat(batch.get(i).encoding())
                    .usingRecursiveComparison()
                    .isEqualTo(alone.encoding());
        }
    }
}
