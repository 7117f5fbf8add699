package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.Precision;
import dev.mtl.spark.PredictionColumn.TaskKind;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

class ExecutorModelsTest {
    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger failures = new AtomicInteger();
    private final List<String> loaded = Collections.synchronizedList(new ArrayList<>());
    private final List<String> closed = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorModels models = new ExecutorModels(this::load, clock::get);

    private LoadedModel load(ModelUse use, int workers) {
        if (failures.getAndDecrement() > 0) {
            throw new MtlException("damaged");
        }
        var name = use.location().name();
        loaded.add(name);
        return new LoadedModel() {
            @Override
            public List<Object[]> compute(List<List<String>> examples) {
                return List.of();
            }

            @Override
            public List<TaskKind> tasks() {
                return List.of();
            }

            @Override
            public boolean hasEmbedding() {
                return true;
            }

            @Override
            public void close() {
                closed.add(name);
            }
        };
    }

    /** As it arrives at an executor: another object for each task. */
    private static ModelUse use(String name) {
        return new ModelUse(
                new ModelLocation(name, null),
                new EmbedderSettings(
                        new ModelSettings.Common(null, Precision.FP32, "cpu"),
                        null,
                        null,
                        false,
                        false));
    }

    @Test
    void aModelIsLoadedOnceForAllTasks() throws InterruptedException {
        var tasks = new ArrayList<Thread>();
        for (int i = 0; i < 16; i++) {
            tasks.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (var lease = models.lease(use("a"), 2)) {
                                            lease.model().compute(List.of());
                                        }
                                    }));
        }
        for (var task : tasks) {
            task.join();
        }

        assertThat(loaded).containsExactly("a");
        assertThat(closed).isEmpty();
    }

    @Test
    void anIdleModelIsFreedWhenAnotherIsLoaded() {
        var inUse = models.lease(use("used"), 2);
        models.lease(use("old"), 2).close();
        clock.addAndGet(Duration.ofMinutes(9).toNanos());
        models.lease(use("young"), 2).close();
        assertThat(closed).isEmpty();

        clock.addAndGet(Duration.ofMinutes(2).toNanos());
        models.lease(use("new"), 2).close();
        assertThat(closed).containsExactly("old");

        inUse.close();
        models.lease(use("old"), 2).close();
        assertThat(loaded).containsExactly("used", "old", "young", "new", "old");
    }

    @Test
    void aTaskTriesAgainWhatHasFailed() {
        failures.set(1);

        assertThatThrownBy(() -> models.lease(use("a"), 2)).hasMessage("damaged");
        models.lease(use("a"), 2).close();
        assertThat(loaded).containsExactly("a");
    }
}
