package dev.mtl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

import java.util.List;

class BenchmarksTest {
    @Test
    void rowsForCudaAreLeftOutWhereThereIsNone() {
        assertThat(Benchmarks.devices(List.of("cpu", "cuda"), 0)).containsExactly("cpu");
        assertThat(Benchmarks.devices(List.of("cpu", "cuda"), 1)).containsExactly("cpu", "cuda");
    }

    @Test
    void aBenchmarkRunsAndGivesAScore() throws RunnerException {
        var results =
                new Runner(
                                new OptionsBuilder()
                                        .include(DispatchBenchmark.class.getName() + ".add")
                                        .forks(0)
                                        .warmupIterations(0)
                                        .measurementIterations(1)
                                        .measurementTime(TimeValue.milliseconds(50))
                                        .build())
                        .run();
        assertThat(results).hasSize(1);
        assertThat(results.iterator().next().getPrimaryResult().getScore()).isPositive();
    }

    @Test
    void theSizesOfABatchAreParameters() throws RunnerException {
        var results =
                new Runner(
                                new OptionsBuilder()
                                        .include(LayerBenchmark.class.getName() + ".layerNorm")
                                        .param("device", "cpu")
                                        .param("batch", "2")
                                        .param("length", "16")
                                        .forks(0)
                                        .warmupIterations(0)
                                        .measurementIterations(1)
                                        .measurementTime(TimeValue.milliseconds(50))
                                        .build())
                        .run();
        assertThat(results).hasSize(1);
    }
}
