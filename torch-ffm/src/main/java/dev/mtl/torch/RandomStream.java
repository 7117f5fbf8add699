package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The source of random numbers for this thread's operators ({@link Tensor#dropout}, {@link
 * Tensor#normal}, {@link Tensor#uniform}).
 *
 * <p>LibTorch has one generator per device and process. Without a stream, operators draw from it in
 * the order in which they run: with {@link #seedGlobal} and one thread, the same numbers as
 * PyTorch. While a stream is open, each random operator of this thread is seeded from the stream's
 * seed and the number of draws before it: the results do not depend on other threads.
 */
public final class RandomStream implements AutoCloseable {
    private static final ThreadLocal<@Nullable RandomStream> OF_THREAD = new ThreadLocal<>();

    /** Held from seeding the global generator until the draw is done. */
    private static final ReentrantLock GENERATOR = new ReentrantLock();

    private final @Nullable RandomStream outer;
    private final long seed;
    private long draws;

    private RandomStream(long seed, @Nullable RandomStream outer) {
        this.seed = seed;
        this.outer = outer;
    }

    /** Opens a stream on this thread; close it on the same thread. */
    public static RandomStream open(long seed) {
        var stream = new RandomStream(seed, OF_THREAD.get());
        OF_THREAD.set(stream);
        return stream;
    }

    /**
     * A position in a stream.
     *
     * @param seed of the stream
     * @param draws the number of draws before this position
     */
    public record Mark(long seed, long draws) {}

    /** The position of this thread's stream; empty if none is open. */
    public static Optional<Mark> mark() {
        return Optional.ofNullable(OF_THREAD.get()).map(s -> new Mark(s.seed, s.draws));
    }

    /** Opens a stream at a position, so that the draws from there on are repeated. */
    public static RandomStream open(Mark mark) {
        var stream = open(mark.seed());
        stream.draws = mark.draws();
        return stream;
    }

    /** Seeds LibTorch's global generators, as {@code torch.manual_seed} does. */
    public static void seedGlobal(long seed) {
        var torch = LibTorch.get();
        GENERATOR.lock();
        try {
            var generator =
                    LibTorchAbi._ZN2at6detail22getDefaultCPUGeneratorEv()
                            .reinterpret(ValueLayout.ADDRESS.byteSize());
            LibTorchAbi._ZN2at16CPUGeneratorImpl16set_current_seedEm(
                    generator.get(ValueLayout.ADDRESS, 0), seed);
            if (torch.cudaDeviceCount() > 0) {
                LibTorchAbi._ZN5torch4cuda15manual_seed_allEm(seed);
            }
        } finally {
            GENERATOR.unlock();
        }
    }

    /**
     * A seed derived from several numbers by splitmix64's finalizer: {@code mix(seed, step,
     * batch)}.
     */
    public static long mix(long... parts) {
        long state = 0x9E3779B97F4A7C15L;
        for (long part : parts) {
            state += part + 0x9E3779B97F4A7C15L;
            state = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
            state = (state ^ (state >>> 27)) * 0x94D049BB133111EBL;
            state ^= state >>> 31;
        }
        return state;
    }

    static <T> T draw(Supplier<T> operator) {
        var stream = OF_THREAD.get();
        if (stream == null) {
            return operator.get();
        }
        GENERATOR.lock();
        try {
            seedGlobal(mix(stream.seed, stream.draws++));
            return operator.get();
        } finally {
            GENERATOR.unlock();
        }
    }

    static void drawInPlace(Runnable operator) {
        draw(
                () -> {
                    operator.run();
                    return true;
                });
    }

    @Override
    public void close() {
        if (OF_THREAD.get() != this) {
            throw new IllegalStateException(
                    "close random streams on the thread that opened them, in reverse order");
        }
        if (outer == null) {
            OF_THREAD.remove();
        } else {
            OF_THREAD.set(outer);
        }
    }
}
