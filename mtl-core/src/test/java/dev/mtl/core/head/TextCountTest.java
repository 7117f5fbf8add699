package dev.mtl.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextCountTest {
    @Test
    void allowsWhatIsBetweenItsBounds() {
        assertThat(TextCount.ONE.allows(1)).isTrue();
        assertThat(TextCount.ONE.allows(2)).isFalse();
        assertThat(TextCount.SEVERAL.allows(1)).isFalse();
        assertThat(TextCount.SEVERAL.allows(2)).isTrue();
        assertThat(TextCount.SEVERAL.allows(99)).isTrue();
        assertThat(TextCount.exactly(3).allows(2)).isFalse();
        assertThat(TextCount.exactly(3).allows(3)).isTrue();
        assertThat(TextCount.exactly(3).allows(4)).isFalse();
    }

    @Test
    void isSaidInWords() {
        assertThat(TextCount.ONE).hasToString("1 text");
        assertThat(TextCount.exactly(2)).hasToString("2 texts");
        assertThat(TextCount.SEVERAL).hasToString("2 or more texts");
        assertThat(new TextCount(2, 4)).hasToString("2 to 4 texts");
    }

    @Test
    void rejectsBoundsThatNothingIsBetween() {
        assertThatThrownBy(() -> new TextCount(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextCount(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
