package dev.mtl.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.SharedFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

class WordSplitterTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    Play Queen.               | Play_Queen_.
                    play "Queen".             | play_"_Queen_"_.
                    What's up, Doc?!          | What's_up_,_Doc_?_!
                    wake me at 5:30           | wake_me_at_5:30
                    rock-n-roll (live)        | rock-n-roll_(_live_)
                    wait...                   | wait_._._.
                    J. S. Bach                | J._S._Bach
                    at 5 p.m., in the U.S.    | at_5_p.m._,_in_the_U.S.
                    at 5 p.m.?                | at_5_p.m._?
                    apples, pears, etc.       | apples_,_pears_,_etc_.
                    songs by j.k. rowling     | songs_by_j.k._rowling
                    C++ for $5.00, 20% off    | C++_for_$5.00_,_20%_off
                    #tag @name                | #tag_@name
                    ¿Qué? «Zürich» 「東京」    | ¿_Qué_?_«_Zürich_»_「_東京_」
                    —dash— “quoted”           | —_dash_—_“_quoted_”
                    https://x.org/a?b=c.      | https://x.org/a?b=c_.
                    """)
    void splitsAsTaggedCorporaDo(String text, String words) {
        assertThat(texts(text)).containsExactly(words.split("_"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\r\n", "\u00A0\u3000\u2028", "\u0000\u0007"})
    void findsNoWordInSpace(String text) {
        assertThat(WordSplitter.split(text)).isEmpty();
    }

    @Test
    void splitsAtEveryKindOfSpace() {
        assertThat(texts("a\u00A0b\u3000c\td\u2028e\u0085f"))
                .containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void givesUtf16OffsetsAfterAnEmoji() {
        var text = "\uD83D\uDE00 \uD83D\uDE00! the\uD83D\uDE00 queen.";
        var words = WordSplitter.split(text);

        assertThat(words)
                .containsExactly(
                        new Word("\uD83D\uDE00", 0, 2),
                        new Word("\uD83D\uDE00", 3, 5),
                        new Word("!", 5, 6),
                        new Word("the\uD83D\uDE00", 7, 12),
                        new Word("queen", 13, 18),
                        new Word(".", 18, 19));
    }

    @Test
    void splitsPunctuationThatTakesTwoUnits() {
        // U+10100 AEGEAN WORD SEPARATOR LINE
        assertThat(texts("\uD800\uDD00word\uD800\uDD00"))
                .containsExactly("\uD800\uDD00", "word", "\uD800\uDD00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "a \uDE00.", ".\uD83D.", "\uDE00\uD83D x", "...", "\uD83D."})
    void coversEveryCharacterThatIsNoSpaceOnceAndInOrder(String text) {
        int at = 0;
        for (var word : WordSplitter.split(text)) {
            assertThat(text.substring(at, word.start())).isBlank();
            assertThat(text.substring(word.start(), word.end()))
                    .isEqualTo(word.text())
                    .isNotEmpty();
            at = word.end();
        }
        assertThat(text.substring(at)).isBlank();
    }

    @Test
    void agreesWithTheWordsOfSnips() throws IOException {
        var lines = Files.readAllLines(SharedFiles.require("data").resolve("snips/dev/seq.in"));
        long same =
                lines.stream()
                        .filter(line -> texts(line).equals(List.of(line.strip().split("\\s+"))))
                        .count();

        // The others write "part ii:" as two words.
        assertThat((double) same / lines.size()).isGreaterThan(0.97);
    }

    private static List<String> texts(String text) {
        return WordSplitter.split(text).stream().map(Word::text).toList();
    }
}
