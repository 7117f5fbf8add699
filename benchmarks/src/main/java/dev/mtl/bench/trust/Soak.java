package dev.mtl.bench.trust;

import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.torch.Tensor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Loads a model, predicts from 8 threads for some seconds, and closes it, until a time is over.
 * Nothing may fail, no tensor may stay, and resident memory may not grow after half of the time.
 */
public final class Soak {
    private static final int THREADS = 8;
    private static final Duration ROUND = Duration.ofSeconds(5);

    private Soak() {}

    /** Takes a new folder and a number of minutes. */
    public static void main(String[] args) throws Exception {
        var model = Leaks.trained(Path.of(args[0]));
        var texts = TinyRun.texts(5000, 60, 6);
        var length = Duration.ofMinutes(Long.parseLong(args[1]));
        long start = System.nanoTime();
        long before = Tensor.liveCount();
        var calls = new AtomicLong();
        var usage = new ArrayList<Usage>();
        while (System.nanoTime() - start < length.toNanos()) {
            round(model, texts, calls);
            long left = Tensor.liveCount() - before;
            if (left != 0) {
                throw new IllegalStateException(left + " tensors left");
            }
            usage.add(Usage.now());
            System.out.printf(
                    "%d s: %d loads, %d calls, %s%n",
                    (System.nanoTime() - start) / 1_000_000_000,
                    usage.size(),
                    calls.get(),
                    usage.getLast());
        }
        System.exit(usage.getLast().isMoreThan(usage.get(usage.size() / 2)) ? 1 : 0);
    }

    private static void round(Path model, List<String> texts, AtomicLong calls)
            throws InterruptedException {
        var failures = new ArrayList<Throwable>();
        var threads = new ArrayList<Thread>();
        try (var pipeline = Pipeline.load(model)) {
            long end = System.nanoTime() + ROUND.toNanos();
            for (int i = 0; i < THREADS; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .uncaughtExceptionHandler((_, e) -> failures.add(e))
                                .start(
                                        () -> {
                                            while (System.nanoTime() < end) {
                                                int call = (int) calls.getAndIncrement();
                                                pipeline.analyze(
                                                        texts.get(
                                                                Math.floorMod(call, texts.size())));
                                            }
                                        }));
            }
            for (var thread : threads) {
                thread.join();
            }
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a call failed", failures.getFirst());
        }
    }
}
