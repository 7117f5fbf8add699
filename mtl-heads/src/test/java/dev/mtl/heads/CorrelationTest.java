package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CorrelationTest {
    private static final double[] RISING = {1, 2, 3, 4};

    @Test
    void equalsShareTheMeanOfTheirRanks() {
        // 0.0 and -0.0 are equal: ranks 1.5, 1.5, 3, 4
        assertThat(Correlation.spearman(new double[] {0.0, -0.0, 1, 2}, RISING))
                .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
    }

    @Test
    @Timeout(10)
    void whatIsNoNumberMakesTheScoreNone() {
        double[] broken = {1, Double.NaN, 3, 4};
        assertThat(Correlation.spearman(broken, RISING)).isNaN();
        assertThat(Correlation.spearman(RISING, broken)).isNaN();
        assertThat(Correlation.pearson(broken, RISING)).isNaN();
    }
}
