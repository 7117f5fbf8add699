package dev.mtl.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.runtime.Threads;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

@Timeout(30)
class WorkersTest {
    private final Workers workers = new Workers("test", 2);

    @AfterEach
    void close() {
        workers.close();
    }

    @Test
    void givesResultsInTheOrderOfTheTasks() {
        var tasks =
                IntStream.range(0, 50)
                        .mapToObj(
                                i ->
                                        (Callable<Integer>)
                                                () -> {
                                                    Thread.sleep(i % 3);
                                                    return i;
                                                })
                        .toList();

        assertThat(workers.all(tasks)).isEqualTo(IntStream.range(0, 50).boxed().toList());
    }

    @Test
    void noTaskIsNoWork() {
        assertThat(workers.all(List.<Callable<Integer>>of())).isEmpty();
    }

    @Test
    void runsOnThreadsOfItsOwnWithOneNativeThreadEach() {
        var names = Collections.synchronizedList(new ArrayList<String>());
        Callable<Integer> task =
                () -> {
                    names.add(Thread.currentThread().getName());
                    return Threads.ofThisThread();
                };

        assertThat(workers.all(List.of(task, task, task))).containsOnly(1);
        assertThat(names).allMatch(name -> name.matches("test-[12]"));
    }

    @Test
    void throwsAFailureAsItWas() {
        var failure = new MtlException("this text cannot be read");

        assertThatThrownBy(
                        () ->
                                workers.all(
                                        List.<Callable<Integer>>of(
                                                () -> 1,
                                                () -> {
                                                    throw failure;
                                                })))
                .isSameAs(failure);
    }

    @Test
    void throwsAnErrorAsItWas() {
        var error = new StackOverflowError("deep");

        assertThatThrownBy(
                        () ->
                                workers.all(
                                        List.<Callable<Integer>>of(
                                                () -> {
                                                    throw error;
                                                })))
                .isSameAs(error);
    }

    @Test
    void aFailureWaitsForWhatIsRunningAndDropsWhatWaits() {
        var running = new CountDownLatch(1);
        var finished = new AtomicBoolean();
        var begun = new AtomicInteger();
        var tasks = new ArrayList<Callable<Boolean>>();
        tasks.add(
                () -> {
                    running.await();
                    throw new MtlException("failed");
                });
        tasks.add(
                () -> {
                    running.countDown();
                    Thread.sleep(200);
                    finished.set(true);
                    return true;
                });
        for (int i = 0; i < 100; i++) {
            tasks.add(
                    () -> {
                        begun.incrementAndGet();
                        Thread.sleep(50);
                        return true;
                    });
        }

        assertThatThrownBy(() -> workers.all(tasks)).hasMessage("failed");

        assertThat(finished).isTrue();
        int before = begun.get();
        assertThat(before).isLessThan(50);
        assertThat(workers.all(List.<Callable<Integer>>of(() -> 7))).containsExactly(7);
        assertThat(begun).hasValue(before);
    }

    @Test
    void aFailureLeavesNoTensorBehind() {
        workers.all(List.<Callable<Boolean>>of(() -> true, () -> true));
        long before = Tensor.liveCount();
        var tasks =
                IntStream.range(0, 20)
                        .mapToObj(
                                i ->
                                        (Callable<Boolean>)
                                                () -> {
                                                    try (var _ = TensorScope.open()) {
                                                        var one = Tensors.of(new float[] {1}, 1);
                                                        if (i % 2 == 1) {
                                                            throw new MtlException("odd");
                                                        }
                                                        return one.add(one).toFloats()[0] == 2;
                                                    }
                                                })
                        .toList();

        assertThatThrownBy(() -> workers.all(tasks)).hasMessage("odd");

        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void manyCallersShareTheWorkers() throws InterruptedException {
        var sums = Collections.synchronizedList(new ArrayList<Integer>());
        var callers = new ArrayList<Thread>();
        for (int c = 0; c < 8; c++) {
            callers.add(
                    Thread.startVirtualThread(
                            () ->
                                    sums.add(
                                            workers
                                                    .all(
                                                            List.<Callable<Integer>>of(
                                                                    () -> 1, () -> 2, () -> 3))
                                                    .stream()
                                                    .mapToInt(Integer::intValue)
                                                    .sum())));
        }
        for (var caller : callers) {
            caller.join();
        }

        assertThat(sums).hasSize(8).containsOnly(6);
    }

    @Test
    void anInterruptedCallerIsToldAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(
                            () ->
                                    workers.all(
                                            List.<Callable<Boolean>>of(
                                                    () -> {
                                                        Thread.sleep(50);
                                                        return true;
                                                    })))
                    .hasMessageContaining("interrupted");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void closedWorkersTakeNoWork() {
        workers.close();

        assertThatThrownBy(() -> workers.all(List.<Callable<Integer>>of(() -> 1)))
                .isInstanceOf(RejectedExecutionException.class);
    }
}
