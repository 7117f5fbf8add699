package dev.mtl.core.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParallelChoiceTest {
    private static final int TOKENS = 12;

    private boolean compiling;
    private final ParallelChoice choice = new ParallelChoice(() -> compiling);
    private int onAllCores;

    /** Computes rows that take this long each way; returns how many took all cores. */
    private int compute(int rows, long millisOnAll, long millisOnOne) {
        onAllCores = 0;
        for (int i = 0; i < rows; i++) {
            if (choice.next()) {
                onAllCores++;
                choice.ranOnAllCores(TOKENS, millisOnAll * 1_000_000);
            } else {
                choice.ranOnOneCore(TOKENS, millisOnOne * 1_000_000);
            }
        }
        return onAllCores;
    }

    @Test
    void staysOnAllCoresWhereThatIsFaster() {
        assertThat(compute(10_000, 2, 4)).isGreaterThan(9_950);
    }

    @Test
    void leavesAllCoresOnceAnotherProcessTakesOneAndReturnsAfterwards() {
        compute(200, 2, 4);
        // far fewer than 1 % of the rows try all cores, so that the 99th percentile does not see
        // them
        assertThat(compute(1_000, 60, 7)).isLessThanOrEqualTo(7);
        compute(2_000, 2, 4);
        assertThat(compute(1_000, 2, 4)).isGreaterThan(990);
    }

    @Test
    void leavesAllCoresAtOnceThoughOneCoreWasNotTriedBefore() {
        compute(4, 2, 4);
        assertThat(compute(50, 60, 7)).isLessThanOrEqualTo(4);
    }

    @Test
    void staysOnAllCoresWhileTheCompilersSlowThemDown() {
        compiling = true;
        assertThat(compute(1_000, 5, 4)).isGreaterThan(980);
        compiling = false;
        assertThat(compute(1_000, 2, 4)).isGreaterThan(990);
    }

    @Test
    void leavesAllCoresForAnotherProcessThoughTheCompilersAreAtWork() {
        compiling = true;
        compute(200, 2, 4);
        assertThat(compute(1_000, 60, 7)).isLessThan(10);
    }

    @Test
    void oneSlowRowIsNoReasonToLeave() {
        compute(200, 2, 4);
        compute(1, 30, 4);
        assertThat(compute(100, 2, 4)).isGreaterThanOrEqualTo(99);
    }

    @Test
    void returnsToAllCoresThoughTheFirstRowsThereAreSlow() {
        compute(200, 2, 4);
        compute(500, 60, 7);
        int inSuccession = 0;
        int onAll = 0;
        for (int i = 0; i < 3_000; i++) {
            if (choice.next()) {
                onAll++;
                choice.ranOnAllCores(TOKENS, (++inSuccession > 3 ? 2 : 5) * 1_000_000);
            } else {
                inSuccession = 0;
                choice.ranOnOneCore(TOKENS, 4_000_000);
            }
        }
        assertThat(onAll).isGreaterThan(1_000);
    }

    @Test
    void aLongRowOnOneCoreIsNotComparedWithShortRowsOnAll() {
        // milliseconds of 12 and of 220 tokens: all cores are faster at both lengths
        int onAll = 0;
        for (int i = 0; i < 5_000; i++) {
            boolean isLong = i % 4 == 3; // the first row on one core, too
            if (choice.next()) {
                onAll++;
                choice.ranOnAllCores(isLong ? 220 : TOKENS, (isLong ? 25 : 5) * 1_000_000);
            } else {
                choice.ranOnOneCore(isLong ? 220 : TOKENS, (isLong ? 43 : 6) * 1_000_000);
            }
        }
        assertThat(onAll).isGreaterThan(4_900);
    }
}
