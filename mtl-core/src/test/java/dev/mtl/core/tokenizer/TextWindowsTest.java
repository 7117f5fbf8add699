package dev.mtl.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.tokenizer.TokenizedText.Window.Words;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

class TextWindowsTest {
    @Test
    void aShortTextIsOneWindow() {
        assertThat(TextWindows.of(new int[] {1, 2, 1}, 4)).containsExactly(new Words(0, 3, 0, 3));
        assertThat(TextWindows.of(new int[0], 4)).containsExactly(new Words(0, 0, 0, 0));
    }

    @Test
    void windowsShareAQuarterAndEachKeepsTheHalfThatIsFurtherFromItsEdge() {
        var ones = new int[20];
        Arrays.fill(ones, 1);
        assertThat(TextWindows.of(ones, 8))
                .containsExactly(
                        new Words(0, 8, 0, 7), new Words(6, 14, 7, 13), new Words(12, 20, 13, 20));
    }

    @Test
    void aWordThatFillsAWindowIsAlone() {
        assertThat(TextWindows.of(new int[] {1, 30, 1}, 8))
                .extracting(Words::from, Words::to)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0, 1),
                        org.assertj.core.groups.Tuple.tuple(1, 2),
                        org.assertj.core.groups.Tuple.tuple(2, 3));
    }

    @Test
    void everyWordIsKeptOnceAndWindowsHoldWhatFits() {
        var random = new SplittableRandom(3);
        for (int round = 0; round < 2000; round++) {
            var tokens = random.ints(random.nextInt(60), 0, 6).toArray();
            int capacity = 1 + random.nextInt(20);
            int next = 0;
            for (var window : TextWindows.of(tokens, capacity)) {
                assertThat(window.keepFrom()).isEqualTo(next).isGreaterThanOrEqualTo(window.from());
                assertThat(window.keepTo()).isLessThanOrEqualTo(window.to());
                int sum = Arrays.stream(tokens, window.from(), window.to()).sum();
                assertThat(sum <= capacity || window.to() - window.from() == 1).isTrue();
                next = window.keepTo();
            }
            assertThat(next).isEqualTo(tokens.length);
        }
    }
}
