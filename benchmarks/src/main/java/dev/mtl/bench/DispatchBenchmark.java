package dev.mtl.bench;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.runtime.Threads;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/** The overhead of calling an operator: operators on tiny tensors. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DispatchBenchmark {
    private final TensorScope scope = TensorScope.shared();
    private final Tensor row;
    private final Tensor weight;

    /** Makes the operands. */
    public DispatchBenchmark() {
        Threads.setForThisThread(1);
        try (var _ = TensorScope.open()) {
            row = scope.take(Tensors.of(new float[] {1, 2, 3, 4}, 1, 4));
            weight = scope.take(Tensors.of(new float[16], 4, 4));
        }
    }

    /** A result is allocated, added to a scope and freed. */
    @Benchmark
    public void add() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            row.add(row);
        }
    }

    /** Three arguments, one of them left out. */
    @Benchmark
    public void linear() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            row.linear(weight, null);
        }
    }

    /** Frees the operands. */
    @TearDown
    public void free() {
        scope.close();
    }
}
