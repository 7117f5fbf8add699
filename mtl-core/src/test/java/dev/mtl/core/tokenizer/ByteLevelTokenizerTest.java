package dev.mtl.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * RoBERTa's kind of tokenizer against that of Python ({@code benchmarks/peers/golden_words.py}).
 */
class ByteLevelTokenizerTest {
    private static final Path FOLDER =
            Path.of("src/test/resources/dev/mtl/core/tokenizer/byte-level");

    private TextTokenizer tokenizer;
    private JsonNode expected;

    @BeforeEach
    void load() throws IOException {
        tokenizer = TextTokenizer.load(FOLDER.resolve("tokenizer.json"), 64);
        expected = JsonMapper.builder().build().readTree(FOLDER.resolve("expected.json").toFile());
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void splitsTextsAsTheyStand() {
        for (var each : expected.path("texts")) {
            var text = each.path("text").asText();
            var encoding = tokenizer.encode(text);
            assertThat(encoding.ids()).as(text).containsExactly(longs(each.path("input_ids")));
            checkOffsets(encoding, each, text);
        }
    }

    /** A word in the middle of a text has the tokens that Python gives to a word after a space. */
    @Test
    void givesWordsBehindASpaceThePiecesOfTheirWholeToken() {
        for (var each : expected.path("words")) {
            var words = new ArrayList<String>();
            each.path("words").forEach(word -> words.add(word.asText()));
            var encoding = tokenizer.tokenize(PreTokenizedText.ofWords(words)).encoding();
            for (int word = 1; word < words.size(); word++) {
                int own = word;
                var wordIds = each.path("word_ids");
                var ids =
                        IntStream.range(0, wordIds.size())
                                .filter(i -> wordIds.get(i).asInt(-1) == own)
                                .mapToLong(i -> each.path("input_ids").get(i).asLong());
                assertThat(
                                IntStream.range(0, encoding.length())
                                        .filter(i -> encoding.wordIds()[i] == own)
                                        .mapToLong(i -> encoding.ids()[i]))
                        .as(words.get(word))
                        .containsExactlyElementsOf(ids.boxed().toList());
            }
        }
    }

    @Test
    void readsTheSameTokensWhetherWordsAreKnownOrNot() {
        for (var text :
                List.of(
                        "the boats come back",
                        " the boats,\n come  back ",
                        "quiet harbours, late boats!",
                        "K\u00E4se f\u00FCr \uD83E\uDD8A",
                        "")) {
            var words = tokenizer.tokenize(PreTokenizedText.of(text)).encoding();
            assertThat(words.ids()).as(text).containsExactly(tokenizer.encode(text).ids());
        }
        assertThat(
                        tokenizer
                                .tokenize(PreTokenizedText.ofWords(List.of("the", "boats")))
                                .encoding()
                                .ids())
                .containsExactly(tokenizer.encode("the boats").ids());
    }

    @Test
    void aLineEndBetweenWordsIsOfNone() {
        var text = tokenizer.tokenize(PreTokenizedText.of("the\nboats")).encoding();

        assertThat(text.wordIds()).startsWith(-1, 0, -1, 1).endsWith(-1);
        assertThat(text.ids()[2]).isEqualTo(tokenizer.encode("\n").ids()[1]);
    }

    /** Expected offsets are in code points. */
    private static void checkOffsets(Encoding encoding, JsonNode each, String text) {
        for (int i = 0; i < encoding.length(); i++) {
            if (encoding.wordIds()[i] < 0) {
                continue;
            }
            var offsets = each.path("offsets").get(i);
            assertThat(List.of(encoding.starts()[i], encoding.ends()[i]))
                    .as("%s, token %d", text, i)
                    .containsExactly(
                            text.offsetByCodePoints(0, offsets.get(0).asInt()),
                            text.offsetByCodePoints(0, offsets.get(1).asInt()));
        }
    }

    private static long[] longs(JsonNode array) {
        var values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    @Test
    void findsThePaddingOfRoberta() {
        assertThat(tokenizer.padId()).isEqualTo(1);
    }
}
