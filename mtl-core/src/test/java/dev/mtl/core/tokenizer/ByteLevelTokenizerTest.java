package dev.mtl.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
            checkOffsets(encoding, each, List.of(text));
        }
    }

    @Test
    void splitsEachWordAsOneAfterASpace() {
        for (var each : expected.path("words")) {
            var words = new ArrayList<String>();
            each.path("words").forEach(word -> words.add(word.asText()));
            var encoding = tokenizer.encodeWords(words);
            assertThat(encoding.ids()).containsExactly(longs(each.path("input_ids")));
            for (int i = 0; i < encoding.length(); i++) {
                var word = each.path("word_ids").get(i);
                assertThat(encoding.wordIds()[i]).isEqualTo(word.isNull() ? -1 : word.asInt());
            }
            checkOffsets(encoding, each, words);
            assertThat(tokenizer.tokensOfWords(words)).hasSameSizeAs(words).doesNotContain(0);
        }
    }

    /** Those of the figures are in code points. */
    private static void checkOffsets(Encoding encoding, JsonNode each, List<String> texts) {
        boolean words = texts.size() > 1 || each.has("words");
        for (int i = 0; i < encoding.length(); i++) {
            int word = encoding.wordIds()[i];
            if (word < 0) {
                continue;
            }
            var text = texts.get(words ? word : 0);
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
