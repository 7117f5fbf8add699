package dev.mtl.bench.trust;

import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.torch.Tensor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Embeds and predicts texts of mixed lengths over and over from 1, 8 and 64 threads, and loads and
 * closes a model over and over. The number of live tensors must stay the same, and the resident
 * memory must not grow after more than half of the calls.
 */
public final class Leaks {
    private static final int[] THREADS = {1, 8, 64};
    private static final int REPORTS = 5;

    private final List<String> texts = TinyRun.texts(5000, 60, 3);
    private int faults;

    private Leaks() {}

    /**
     * Takes a new folder, and how many calls to embed, to predict, and to load. After them, a
     * trained model may be named; else a tiny one is trained.
     */
    public static void main(String[] args) throws Exception {
        var model = args.length > 4 ? Path.of(args[4]) : trained(Path.of(args[0]));
        long before = Tensor.liveCount();
        var leaks = new Leaks();
        if (!args[1].equals("0")) {
            try (var encoder = SentenceEncoder.load(model.toString())) {
                leaks.calls("embed", Integer.parseInt(args[1]), encoder::encode);
            }
        }
        if (!args[2].equals("0")) {
            try (var pipeline = Pipeline.load(model)) {
                leaks.calls("predict", Integer.parseInt(args[2]), pipeline::analyze);
            }
        }
        if (!args[3].equals("0")) {
            leaks.repeat("load and close", Integer.parseInt(args[3]), 1, _ -> leaks.load(model));
        }
        long left = Tensor.liveCount() - before;
        System.out.println("tensors left after all was closed: " + left);
        System.exit(left == 0 && leaks.faults == 0 ? 0 : 1);
    }

    static Path trained(Path folder) throws Exception {
        var model = folder.resolve("trained");
        new KilledProcess(TinyRun.write(Files.createDirectories(folder))).finish(model, List.of());
        return model;
    }

    private void load(Path model) {
        try (var pipeline = Pipeline.load(model)) {
            pipeline.analyze(texts.getFirst());
        }
    }

    /** A third of the calls from each number of threads. */
    private void calls(String name, int calls, Consumer<String> work) throws Exception {
        for (int threads : THREADS) {
            repeat(name + ", " + threads + " threads", calls / THREADS.length, threads, work);
        }
    }

    private void repeat(String name, int calls, int threads, Consumer<String> work)
            throws Exception {
        var usage = new ArrayList<Usage>();
        for (int fifth = 1; fifth <= REPORTS; fifth++) {
            run(calls / REPORTS, threads, work);
            usage.add(Usage.now());
            System.out.println(
                    name + ": " + calls / REPORTS * fifth + " calls, " + usage.getLast());
        }
        if (usage.getLast().isMoreThan(usage.get(REPORTS / 2))) {
            System.out.println(name + ": GROWS");
            faults++;
        }
    }

    /** Calls from some threads; the first failure of a call ends them all. */
    private void run(int calls, int threads, Consumer<String> work) throws Exception {
        var next = new AtomicInteger();
        var failures = new ArrayList<Throwable>();
        var running = new ArrayList<Thread>();
        for (int i = 0; i < threads; i++) {
            running.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, e) -> failures.add(e))
                            .start(
                                    () -> {
                                        while (next.getAndIncrement() < calls) {
                                            work.accept(texts.get(next.get() % texts.size()));
                                        }
                                    }));
        }
        for (var thread : running) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a call failed", failures.getFirst());
        }
    }
}
