package dev.mtl.bench.trust;

import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Embeds and predicts texts over and over from 1, 8 and 64 threads, and loads and closes a model
 * over and over; prints resident memory and live tensors.
 */
public final class Leaks {
    private static final int[] THREADS = {1, 8, 64};
    private static final int REPORTS = 5;

    private Leaks() {}

    /**
     * Takes a trained model's directory, a file with a text a line, and how many calls to embed, to
     * predict, and to load.
     */
    public static void main(String[] args) throws Exception {
        var texts = Files.readAllLines(Path.of(args[1]));
        long before = Tensor.liveCount();
        try (var encoder = SentenceEncoder.load(args[0])) {
            calls("embed", Integer.parseInt(args[2]), texts, encoder::encode);
        }
        try (var pipeline = Pipeline.load(Path.of(args[0]))) {
            calls("predict", Integer.parseInt(args[3]), texts, pipeline::analyze);
        }
        int loads = Integer.parseInt(args[4]);
        for (int i = 1; i <= loads; i++) {
            try (var pipeline = Pipeline.load(Path.of(args[0]))) {
                pipeline.analyze(texts.getFirst());
            }
            if (i % Math.max(1, loads / REPORTS) == 0) {
                report("load and close", i);
            }
        }
        long left = Tensor.liveCount() - before;
        System.out.println("tensors left after all was closed: " + left);
        System.exit(left == 0 ? 0 : 1);
    }

    /** A third of the calls from each number of threads. */
    private static void calls(String name, int calls, List<String> texts, Consumer<String> work)
            throws InterruptedException {
        for (int threads : THREADS) {
            int share = calls / THREADS.length;
            var next = new AtomicInteger();
            var running = new ArrayList<Thread>();
            for (int i = 0; i < threads; i++) {
                running.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            for (int call = next.incrementAndGet();
                                                    call <= share;
                                                    call = next.incrementAndGet()) {
                                                work.accept(texts.get(call % texts.size()));
                                                if (call % Math.max(1, share / REPORTS) == 0) {
                                                    report(
                                                            name + ", " + threads + " threads",
                                                            call);
                                                }
                                            }
                                        }));
            }
            for (var thread : running) {
                thread.join();
            }
        }
    }

    private static void report(String what, int calls) {
        System.out.printf(
                Locale.ROOT,
                "%s: %d calls, %d MB resident, %d live tensors%n",
                what,
                calls,
                residentMegabytes(),
                Tensor.liveCount());
    }

    private static long residentMegabytes() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    / 1024;
        } catch (IOException e) {
            return -1;
        }
    }
}
