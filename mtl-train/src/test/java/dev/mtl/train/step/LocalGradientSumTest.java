package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.optim.Optimizer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The order of the sum is that of the micro-batches, whoever comes first. */
@Timeout(60)
@ExtendWith(LeavesNoTensorBehind.class)
class LocalGradientSumTest {
    private final long before = Tensor.liveCount();

    private static void add(GradientSum sum, int index, @Nullable Float... gradients) {
        try (var _ = TensorScope.open()) {
            var tensors = new ArrayList<@Nullable Tensor>();
            for (var gradient : gradients) {
                tensors.add(gradient == null ? null : Tensors.of(new float[] {gradient}, 1));
            }
            sum.add(index, tensors);
        }
    }

    private static float value(GradientSum sum, int parameter) {
        return Objects.requireNonNull(sum.gradients().get(parameter)).toFloats()[0];
    }

    @Test
    void addsUpWhatIsThere() {
        try (var sum = new LocalGradientSum(3, true)) {
            add(sum, 0, 1f, null, null);
            add(sum, 1, 2f, 3f, null);
            add(sum, 2, null, 4f, null);
            assertThat(value(sum, 0)).isEqualTo(3);
            assertThat(value(sum, 1)).isEqualTo(7);
            assertThat(sum.gradients().get(2)).isNull();
        }
    }

    @Test
    void theOrderIsThatOfTheMicroBatchesWhoeverComesFirst() throws Exception {
        // in float32 (1e8 + 1) - 1e8 is 0, but (1e8 - 1e8) + 1 is 1
        var values = new float[] {1e8f, -1e8f, 1, 1};
        for (var arrival : List.of(List.of(3, 2, 1, 0), List.of(2, 0, 3, 1))) {
            try (var sum = new LocalGradientSum(1, true);
                    var threads = Executors.newFixedThreadPool(4)) {
                var futures = new ArrayList<Future<?>>();
                for (int index : arrival) {
                    futures.add(threads.submit(() -> add(sum, index, values[index])));
                    Thread.sleep(20);
                }
                for (var future : futures) {
                    future.get();
                }
                assertThat(value(sum, 0)).as("%s", arrival).isEqualTo(2);
            }
        }
    }

    @Test
    void thoseThatWaitForAFailedMicroBatchAreLetGo() throws Exception {
        try (var sum = new LocalGradientSum(1, true);
                var threads = Executors.newFixedThreadPool(2)) {
            add(sum, 0, 1f);
            var waiting =
                    List.of(
                            threads.submit(() -> add(sum, 2, 1f)),
                            threads.submit(() -> add(sum, 3, 1f)));
            Thread.sleep(50);
            assertThat(waiting).noneMatch(Future::isDone);
            sum.abandon(1);
            for (var future : waiting) {
                assertThatThrownBy(future::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasRootCauseMessage("another micro-batch of this step failed");
            }
        }
    }

    @Test
    void aMicroBatchBeforeTheOneThatFailedIsStillAdded() throws Exception {
        try (var sum = new LocalGradientSum(1, true);
                var threads = Executors.newFixedThreadPool(1)) {
            var waiting = threads.submit(() -> add(sum, 1, 2f));
            sum.abandon(2);
            Thread.sleep(50);
            assertThat(waiting).isNotDone();
            add(sum, 0, 1f);
            waiting.get();
            assertThat(value(sum, 0)).isEqualTo(3);
        }
    }

    @Test
    void theSumOutlivesTheScopesOfItsParts() {
        try (var sum = new LocalGradientSum(1, true)) {
            add(sum, 0, 5f);
            assertThat(Tensor.liveCount()).isEqualTo(before + 1);
            add(sum, 1, 6f);
            assertThat(Tensor.liveCount()).isEqualTo(before + 1);
            assertThat(value(sum, 0)).isEqualTo(11);
        }
    }

    @Test
    void clippingScalesAllGradientsToTheGlobalNorm() {
        try (var _ = TensorScope.open()) {
            var a = Tensors.of(new float[] {3, 0}, 2);
            var b = Tensors.of(new float[] {0, 4}, 2);
            List<@Nullable Tensor> all = Arrays.asList(a, null, b);
            assertThat(Optimizer.clip(all, 0)).isEqualTo(5);
            assertThat(Optimizer.clip(all, 6)).isEqualTo(5);
            assertThat(a.toFloats()).containsExactly(3, 0);
            // torch.nn.utils.clip_grad_norm_: by max_norm / (norm + 1e-6)
            assertThat(Optimizer.clip(all, 1)).isEqualTo(5);
            assertThat(a.toFloats()).containsExactly((float) (3 / 5.000001), 0);
            assertThat(b.toFloats()).containsExactly(0, (float) (4 / 5.000001));
        }
    }
}
