package dev.mtl.core.tokenizer.huggingface;

import static dev.mtl.core.testing.TinyTokenizer.ids;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyTokenizer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

class TokenWindowTest {
    @TempDir Path directory;
    private TextTokenizer tokenizer;

    @BeforeEach
    void load() {
        tokenizer = TextTokenizer.load(TinyTokenizer.write(directory), 6);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private List<long[]> windows(String text, int promptLength) {
        return tokenizer.encodeInWindows(text, promptLength).stream()
                .map(window -> window.encoding().ids())
                .toList();
    }

    @Test
    void aTextThatFitsIsOneWindow() {
        var windows = tokenizer.encodeInWindows("the blue room", 0);

        assertThat(windows).hasSize(1);
        assertThat(windows.getFirst().tokens()).isEqualTo(3);
        assertThat(windows.getFirst().encoding().ids())
                .isEqualTo(tokenizer.encode("the blue room").ids());
    }

    @Test
    void everyTokenIsInOneWindow() {
        assertThat(windows("what is the weather in paris for monday ?", 0))
                .containsExactly(
                        ids("[CLS]", "what", "is", "the", "weather", "[SEP]"),
                        ids("[CLS]", "in", "paris", "for", "monday", "[SEP]"),
                        ids("[CLS]", "?", "[SEP]"));
    }

    @Test
    void aWindowEndsBetweenWords() {
        assertThat(windows("the blue room playing song", 0))
                .containsExactly(
                        ids("[CLS]", "the", "blue", "room", "[SEP]"),
                        ids("[CLS]", "play", "##ing", "song", "[SEP]"));
    }

    @Test
    void aWordThatIsLongerThanAWindowIsDivided() {
        assertThat(windows("the abcdefghi", 0))
                .containsExactly(
                        ids("[CLS]", "the", "[SEP]"),
                        ids("[CLS]", "a", "##b", "##c", "##d", "[SEP]"),
                        ids("[CLS]", "##e", "##f", "##g", "##h", "[SEP]"),
                        ids("[CLS]", "##i", "[SEP]"));
    }

    @Test
    void everyWindowBeginsWithThePrompt() {
        var windows = tokenizer.encodeInWindows("for : the blue room song", 3);

        assertThat(windows.stream().map(window -> window.encoding().ids()))
                .containsExactly(
                        ids("[CLS]", "for", ":", "the", "blue", "[SEP]"),
                        ids("[CLS]", "for", ":", "room", "song", "[SEP]"));
        assertThat(windows)
                .allSatisfy(
                        window -> {
                            assertThat(window.tokens()).isEqualTo(2);
                            assertThat(window.encoding().promptLength()).isEqualTo(3);
                        });
    }

    @Test
    void aPromptThatLeavesNoRoomIsCut() {
        assertThat(windows("the blue room song for monday", 5))
                .containsExactly(ids("[CLS]", "the", "blue", "room", "song", "[SEP]"));
    }
}
