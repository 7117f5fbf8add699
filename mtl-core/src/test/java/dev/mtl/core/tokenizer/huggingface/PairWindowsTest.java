package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Windows over the second of two texts, as transformers' fast tokenizers make them. */
class PairWindowsTest {
    @TempDir Path folder;

    private List<TokenizedPair> windows(String first, String second, int maxLength, int stride) {
        var json = TinyTokenizer.write(folder);
        try (var tokenizer = TextTokenizer.load(json, maxLength, null)) {
            return TokenizedPair.windows(
                    List.of(
                            tokenizer.tokenize(PreTokenizedText.of(first)),
                            tokenizer.tokenize(PreTokenizedText.of(second))),
                    stride);
        }
    }

    /** Single letters: a token each. */
    private static String letters(int count) {
        return "abcdefghijklmnopqrstuvwxyz"
                .chars()
                .limit(count)
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining(" "));
    }

    /** From benchmarks/peers/golden_answers.py. */
    @ParameterizedTest
    @CsvSource({
        "4, 9, 24, 5, 0-9",
        "4, 10, 17, 5, 0-10",
        "4, 11, 17, 5, 0-10 5-11",
        "10, 24, 24, 5, 0-11 6-17 12-23 18-24",
        "9, 24, 24, 0, 0-12 12-24",
        "6, 23, 24, 7, 0-15 8-23",
        "8, 24, 24, 2, 0-13 11-24"
    })
    void areThoseOfTransformers(int question, int context, int maxLength, int stride, String said) {
        var windows = windows(letters(question), letters(context), maxLength, stride);
        assertThat(
                        windows.stream()
                                .map(
                                        window ->
                                                window.encoding().starts()[window.secondBegin()] / 2
                                                        + "-"
                                                        + (window.encoding()
                                                                                .ends()[
                                                                                window.secondEnd()
                                                                                        - 1]
                                                                        + 1)
                                                                / 2)
                                .collect(Collectors.joining(" ")))
                .isEqualTo(said);
        for (var window : windows) {
            assertThat(window.encoding().length()).isLessThanOrEqualTo(maxLength);
            assertThat(window.encoding().truncated()).isFalse();
            assertThat(window.firstEnd() - window.firstBegin()).isEqualTo(question);
        }
    }

    @Test
    void aLongFirstTextLeavesHalfOfTheRoomAndAWideStrideIsHalved() {
        var windows = windows(letters(20), letters(26), 23, 100);
        assertThat(windows.getFirst().firstEnd() - windows.getFirst().firstBegin()).isEqualTo(10);
        assertThat(windows.get(1).encoding().starts()[windows.get(1).secondBegin()])
                .as("5 tokens on")
                .isEqualTo(10);
        var last = windows.getLast();
        assertThat(last.encoding().ends()[last.secondEnd() - 1]).isEqualTo(51);
    }
}
