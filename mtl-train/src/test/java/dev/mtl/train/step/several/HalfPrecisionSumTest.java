package dev.mtl.train.step.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.testing.ThreadProcesses;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

@ExtendWith(LeavesNoTensorBehind.class)
class HalfPrecisionSumTest {
    private static final int SIZE = 1001;

    /** Half a unit of the last of bfloat16's 8 significant bits, relative to 1. */
    private static final double ROUNDING = Math.scalb(1.0, -8);

    /** Of very different sizes. */
    private static float[] addend(int rank) {
        var random = new SplittableRandom(rank + 1);
        var values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = (float) Math.scalb(random.nextDouble(-1, 1), random.nextInt(-20, 3));
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void anAddendAndTheTotalAreRoundedOnceEach(int processes) {
        var sums =
                ThreadProcesses.run(
                        processes,
                        group -> {
                            try (var _ = TensorScope.open()) {
                                var vector = Tensors.of(addend(group.rank()), SIZE);
                                HalfPrecisionSum.of(group, vector);
                                return vector.toFloats();
                            }
                        });
        for (var sum : sums) {
            assertThat(sum).containsExactly(sums.getFirst());
        }
        for (int i = 0; i < SIZE; i++) {
            double exact = 0;
            double sizes = 0;
            for (int rank = 0; rank < processes; rank++) {
                exact += addend(rank)[i];
                sizes += Math.abs(addend(rank)[i]);
            }
            double bound = ROUNDING * sizes + ROUNDING * (Math.abs(exact) + ROUNDING * sizes);
            assertThat((double) sums.getFirst()[i]).isCloseTo(exact, within(bound + 1e-6 * sizes));
        }
    }
}
