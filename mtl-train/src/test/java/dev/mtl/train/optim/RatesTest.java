package dev.mtl.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.train.settings.Schedule;

import org.junit.jupiter.api.Test;

import java.util.Map;

class RatesTest {
    private static final double EXACT = 1e-12;

    @Test
    void theRateRisesOverTheWarmupAndFallsInALine() {
        // transformers' get_linear_schedule_with_warmup, 10 of 100 steps
        assertThat(Schedule.LINEAR.factor(0, 10, 100, 1)).isZero();
        assertThat(Schedule.LINEAR.factor(5, 10, 100, 1)).isCloseTo(0.5, within(EXACT));
        assertThat(Schedule.LINEAR.factor(10, 10, 100, 1)).isCloseTo(1, within(EXACT));
        assertThat(Schedule.LINEAR.factor(55, 10, 100, 1)).isCloseTo(0.5, within(EXACT));
        assertThat(Schedule.LINEAR.factor(100, 10, 100, 1)).isZero();
    }

    @Test
    void theOtherSchedulesAreTransformersToo() {
        assertThat(Schedule.CONSTANT.factor(3, 10, 100, 1)).isCloseTo(0.3, within(EXACT));
        assertThat(Schedule.CONSTANT.factor(99, 10, 100, 1)).isEqualTo(1);
        assertThat(Schedule.COSINE.factor(55, 10, 100, 1)).isCloseTo(0.5, within(EXACT));
        assertThat(Schedule.COSINE.factor(40, 10, 100, 1)).isCloseTo(0.75, within(EXACT));
        assertThat(Schedule.COSINE.factor(100, 10, 100, 1)).isCloseTo(0, within(EXACT));
    }

    @Test
    void polynomialDecayIsAPowerOfWhatIsLeft() {
        // transformers' get_polynomial_decay_schedule_with_warmup(10, 100, lr_end=0, power=2)
        assertThat(Schedule.POLYNOMIAL.factor(5, 10, 100, 2)).isCloseTo(0.5, within(EXACT));
        assertThat(Schedule.POLYNOMIAL.factor(55, 10, 100, 2)).isCloseTo(0.25, within(EXACT));
        assertThat(Schedule.POLYNOMIAL.factor(40, 10, 100, 2)).isCloseTo(4.0 / 9, within(EXACT));
        assertThat(Schedule.POLYNOMIAL.factor(40, 10, 100, 1))
                .isEqualTo(Schedule.LINEAR.factor(40, 10, 100, 1));
        assertThat(Schedule.POLYNOMIAL.factor(100, 10, 100, 2)).isZero();
    }

    @Test
    void withoutWarmupTheFirstStepHasTheWholeRate() {
        assertThat(Schedule.LINEAR.factor(0, 0, 10, 1)).isEqualTo(1);
    }

    @Test
    void lowerLayersHaveLowerRates() {
        var rates = new LayerwiseRates(5e-5, 0.95, 0.01, 12, Map.of());
        assertThat(rates.groupOf("heads.intent.weight").learningRate()).isEqualTo(5e-5);
        assertThat(rates.groupOf("encoder.layer.11.output.dense.weight").learningRate())
                .isCloseTo(4.75e-5, within(EXACT));
        assertThat(rates.groupOf("encoder.layer.0.output.dense.weight").learningRate())
                .isCloseTo(5e-5 * Math.pow(0.95, 12), within(EXACT));
        assertThat(rates.groupOf("embeddings.word_embeddings.weight").learningRate())
                .isCloseTo(5e-5 * Math.pow(0.95, 13), within(EXACT));
    }

    @Test
    void biasesAndLayerNormsAreNotDecayed() {
        var rates = new LayerwiseRates(5e-5, 0.95, 0.01, 2, Map.of());
        assertThat(rates.groupOf("encoder.layer.0.attention.self.query.weight").weightDecay())
                .isEqualTo(0.01);
        assertThat(rates.groupOf("encoder.layer.0.attention.self.query.bias").weightDecay())
                .isZero();
        assertThat(rates.groupOf("encoder.layer.0.output.LayerNorm.weight").weightDecay()).isZero();
        assertThat(rates.groupOf("heads.slots.bias").weightDecay()).isZero();
    }
}
