package dev.mtl.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextArityTest {
    @Test
    void allowsWhatIsBetweenItsBounds() {
        assertThat(TextArity.ONE.allows(1)).isTrue();
        assertThat(TextArity.ONE.allows(2)).isFalse();
        assertThat(TextArity.SEVERAL.allows(1)).isFalse();
        assertThat(TextArity.SEVERAL.allows(2)).isTrue();
        assertThat(TextArity.SEVERAL.allows(99)).isTrue();
        assertThat(TextArity.exactly(3).allows(2)).isFalse();
        assertThat(TextArity.exactly(3).allows(3)).isTrue();
        assertThat(TextArity.exactly(3).allows(4)).isFalse();
    }

    @Test
    void isSaidInWords() {
        assertThat(TextArity.ONE).hasToString("1 text");
        assertThat(TextArity.exactly(2)).hasToString("2 texts");
        assertThat(TextArity.SEVERAL).hasToString("2 or more texts");
        assertThat(new TextArity(2, 4)).hasToString("2 to 4 texts");
    }

    @Test
    void rejectsBoundsThatNothingIsBetween() {
        assertThatThrownBy(() -> new TextArity(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextArity(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
