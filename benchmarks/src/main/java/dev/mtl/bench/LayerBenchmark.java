package dev.mtl.bench;

import dev.mtl.core.nn.Devices;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** The parts of an encoder layer with 384 dimensions and 12 heads, by the size of the batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LayerBenchmark {
    private static final int HIDDEN = 384;
    private static final int INNER = 1536;
    private static final int HEADS = 12;

    /** Texts in a batch. */
    @Param({"1", "8", "32"})
    public int batch;

    /** Tokens in a text. */
    @Param({"16", "64"})
    public int length;

    /** Where it runs. */
    @Param({"cpu", "cuda"})
    public String device = "";

    private @Nullable Operands operands;

    private record Operands(
            Device device,
            Tensor input,
            Tensor weight,
            Tensor bias,
            @Nullable MkldnnWeight packed,
            Tensor heads,
            TensorScope owner) {}

    /** Draws the operands. */
    @Setup
    public void draw() {
        var where = Devices.choose(device);
        var owner = TensorScope.shared();
        Threads.setForThisThread(1);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var weight = random(INNER, HIDDEN);
            boolean packs = where.isCpu() && MkldnnLinear.isAvailable();
            operands =
                    new Operands(
                            where,
                            owner.take(random(batch, length, HIDDEN).to(where)),
                            owner.take(weight.to(where)),
                            owner.take(random(INNER).to(where)),
                            packs ? MkldnnWeight.pack(weight, owner) : null,
                            owner.take(random(batch, HEADS, length, HIDDEN / HEADS).to(where)),
                            owner);
        }
    }

    private static Tensor random(long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        var random = new SplittableRandom(1);
        var values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensors.of(values, shape);
    }

    private interface Work {
        Tensor on(Operands operands);
    }

    private void run(Work work) {
        var own = Objects.requireNonNull(operands);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var result = work.on(own);
            if (!own.device().isCpu()) {
                // Reading one element waits for the GPU.
                result.reshape(-1).slice(0, 0, 1).item();
            }
        }
    }

    /** The linear layer of the feed-forward block by ATen's operators. */
    @Benchmark
    public void linearThenGelu() {
        run(own -> own.input().linear(own.weight(), own.bias()).gelu());
    }

    /** The same by oneDNN on a packed weight, if LibTorch has oneDNN. */
    @Benchmark
    public void fusedLinearGelu() {
        run(
                own -> {
                    var packed = own.packed();
                    return packed == null
                            ? own.input().linear(own.weight(), own.bias()).gelu()
                            : MkldnnLinear.infer(own.input(), packed, own.bias(), Epilogue.GELU);
                });
    }

    /** Layer normalization. */
    @Benchmark
    public void layerNorm() {
        run(own -> own.input().layerNorm(null, null, 1e-12));
    }

    /** Attention of 12 heads. */
    @Benchmark
    public void attention() {
        run(own -> own.heads().scaledDotProductAttention(own.heads(), own.heads(), null));
    }

    /** Frees the operands. */
    @TearDown
    public void free() {
        Objects.requireNonNull(operands).owner().close();
    }
}
