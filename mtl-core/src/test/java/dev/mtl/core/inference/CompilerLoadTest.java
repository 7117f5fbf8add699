package dev.mtl.core.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CompilerLoadTest {
    private long millis;
    private long compiled;
    private final CompilerLoad load = new CompilerLoad(() -> millis * 1_000_000, () -> compiled);

    private boolean after(long milliseconds, long ofCompilation) {
        millis += milliseconds;
        compiled += ofCompilation;
        return load.getAsBoolean();
    }

    @Test
    void aProcessThatJustStartedIsTakenToCompile() {
        assertThat(after(10, 0)).isTrue();
    }

    @Test
    void saysWhetherTheLastWindowHadMoreThanAFewPercentOfCompilation() {
        assertThat(after(600, 300)).isTrue();
        assertThat(after(600, 10)).isFalse();
        assertThat(after(600, 100)).isTrue();
    }

    @Test
    void aWindowThatHasNotEndedChangesNothing() {
        after(600, 0);
        assertThat(after(100, 100)).isFalse();
    }
}
