package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** Against benchmarks/peers/golden_balance.py. */
class PcgradTest {
    private static final Path GOLDEN =
            Path.of("src/test/resources/dev/mtl/train/golden/balance.json");

    private static float[] floats(JsonNode json) {
        var floats = new float[json.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) json.get(i).asDouble();
        }
        return floats;
    }

    /** Two shared parameters of three values each, and of each task one of its head. */
    private static LocalGradientSum gradients(float[] shared, int task) {
        var sum = new LocalGradientSum(4, true);
        var gradients = new ArrayList<@Nullable Tensor>();
        gradients.add(Tensors.of(new float[] {shared[0], shared[1], shared[2]}, 3));
        gradients.add(Tensors.of(new float[] {shared[3], shared[4], shared[5]}, 3));
        gradients.add(task == 0 ? Tensors.of(new float[] {100}, 1) : null);
        gradients.add(task == 1 ? Tensors.of(new float[] {-50}, 1) : null);
        sum.add(0, gradients);
        return sum;
    }

    private static LocalGradientSum random(long seed, int size) {
        var random = new SplittableRandom(seed);
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        // so that the two conflict
        values[0] = seed == 1 ? 100 : -100;
        var gradients = new ArrayList<@Nullable Tensor>();
        gradients.add(Tensors.of(values, size));
        var sum = new LocalGradientSum(1, true);
        sum.add(0, gradients);
        return sum;
    }

    @Test
    void givesTheSameBitsWithAnyNumberOfThreads() {
        int size = 2_000_001; // large enough that LibTorch splits it
        var results = new ArrayList<float[]>();
        for (int threads : new int[] {1, 2, 3}) {
            try (var _ = TensorScope.open();
                    var first = random(1, size);
                    var second = random(2, size);
                    var sum =
                            Threads.withThreads(
                                    threads,
                                    () ->
                                            Pcgrad.combine(
                                                    List.of(first.gradients(), second.gradients()),
                                                    5))) {
                results.add(Objects.requireNonNull(sum.gradients().getFirst()).toFloats());
            }
        }
        assertThat(Arrays.equals(results.get(1), results.get(0))).isTrue();
        assertThat(Arrays.equals(results.get(2), results.get(0))).isTrue();
    }

    private static float[] combine(JsonNode gradients) {
        long before = Tensor.liveCount();
        try (var _ = TensorScope.open();
                var first = gradients(floats(gradients.get(0)), 0);
                var second = gradients(floats(gradients.get(1)), 1);
                var sum = Pcgrad.combine(List.of(first.gradients(), second.gradients()), 5)) {
            var values = new float[8];
            int next = 0;
            for (var gradient : sum.gradients()) {
                for (float value : Objects.requireNonNull(gradient).toFloats()) {
                    values[next++] = value;
                }
            }
            return values;
        } finally {
            assertThat(Tensor.liveCount()).isEqualTo(before);
        }
    }

    @Test
    void gradientsThatConflictLoseTheirPartsAlongEachOther() throws IOException {
        var golden = new JsonMapper().readTree(GOLDEN.toFile()).path("pcgrad");
        var expected = floats(golden.path("sum"));
        var actual = combine(golden.path("gradients"));
        for (int i = 0; i < 6; i++) {
            assertThat(actual[i])
                    .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-6f));
        }
        assertThat(actual[6]).as("a head's own gradient").isEqualTo(100);
        assertThat(actual[7]).as("a head's own gradient").isEqualTo(-50);
    }

    @Test
    void gradientsThatAgreeAreSummed() throws IOException {
        var agreeing = new JsonMapper().readTree(GOLDEN.toFile()).path("pcgrad").path("agreeing");
        var expected = floats(agreeing.get(0));
        var actual = combine(agreeing);
        for (int i = 0; i < 6; i++) {
            assertThat(actual[i]).isEqualTo(2 * expected[i]);
        }
    }
}
