package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

class TextCapTest {
    private static final int MAX_LENGTH = 32;

    @TempDir Path folder;
    private TextTokenizer tokenizer;

    @BeforeEach
    void load() {
        tokenizer = TextTokenizer.load(TinyTokenizer.write(folder), MAX_LENGTH);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    @Timeout(10)
    void readsOnlyTheBeginningOfAHundredMegabytes() {
        var line = "book the blue room ".repeat(5_000_000);

        var encoding = tokenizer.encode(line);

        assertThat(encoding.truncated()).isTrue();
        assertThat(encoding.ids()).isEqualTo(tokenizer.encode(line.substring(0, 1900)).ids());
    }

    @Test
    @Timeout(10)
    void readsOnlyTheBeginningOfAWordOfTenMegabytes() {
        var encoding = tokenizer.encode("x".repeat(10_000_000));

        assertThat(encoding.ids()).isEqualTo(TinyTokenizer.ids("[CLS]", "[UNK]", "[SEP]"));
        assertThat(encoding.truncated()).as("the rest was not read").isTrue();
    }

    @Test
    void givesTheTokensOfTheWholeText() {
        var texts =
                List.of(
                        "the " + " ".repeat(2000) + "blue room",
                        "- . ".repeat(500) + "blue",
                        "x".repeat(600) + " the room",
                        "你好".repeat(400),
                        "e\u0301 ".repeat(900),
                        "\u200b\u0000 ".repeat(400) + "the song",
                        "a-b.c".repeat(300));
        for (var text : texts) {
            var whole = tokenizer.tokenize(PreTokenizedText.of(text)).encoding();
            assertThat(tokenizer.encode(text).ids()).as(text).isEqualTo(whole.ids());
        }
    }

    @Test
    void refusesATextThatIsTooLongToBeReadInFull() {
        var text = "the ".repeat(5_000_000);

        assertThatThrownBy(() -> tokenizer.countTokens(text))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("a text has 20000000 characters; at most 16777216");
    }
}
