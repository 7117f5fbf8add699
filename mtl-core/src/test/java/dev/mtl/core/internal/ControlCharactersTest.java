package dev.mtl.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControlCharactersTest {
    @Test
    void showsWhatATerminalWouldObey() {
        assertThat(ControlCharacters.escaped("a\u001b[2Jb\rc\u009b1m\u202ed\u007f"))
                .isEqualTo("a\\u001b[2Jb\\u000dc\\u009b1m\\u202ed\\u007f");
    }

    @Test
    void leavesOtherTextAlone() {
        var text = "Zürich \uD83D\uDE00\t1\n你好";

        assertThat(ControlCharacters.escaped(text)).isSameAs(text);
    }
}
