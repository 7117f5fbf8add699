package dev.mtl.torch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.Test;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

class ThreadsTest {
    private static <T> T on(ExecutorService thread, Callable<T> task)
            throws ExecutionException, InterruptedException {
        return thread.submit(task).get();
    }

    private static boolean set(int threads) {
        Threads.setForThisThread(threads);
        return true;
    }

    /** Large enough to be divided among threads. */
    private static double sum() {
        try (var _ = TensorScope.open()) {
            return Tensors.full(DType.FLOAT32, Device.CPU, 1, 1 << 20).sum().item();
        }
    }

    @Test
    void aThreadKeepsItsThreadCountWhenAnotherThreadSetsOne() throws Exception {
        try (var one = Executors.newSingleThreadExecutor();
                var other = Executors.newSingleThreadExecutor()) {
            on(one, () -> set(1));
            on(other, () -> set(3));

            assertThat(on(one, ThreadsTest::sum)).isEqualTo(1 << 20);
            assertThat(on(one, Threads::ofThisThread)).isEqualTo(1);
            assertThat(on(other, Threads::ofThisThread)).isEqualTo(3);
        }
    }

    @Test
    void withThreadsRestoresThePreviousThreadCount() throws Exception {
        try (var one = Executors.newSingleThreadExecutor()) {
            on(one, () -> set(1));
            assertThat(on(one, () -> Threads.withThreads(2, Threads::ofThisThread))).isEqualTo(2);
            assertThat(on(one, Threads::ofThisThread)).isEqualTo(1);
        }
    }
}
