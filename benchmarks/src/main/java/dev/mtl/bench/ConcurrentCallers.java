package dev.mtl.bench;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.store.ModelStore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Embeds a file of texts in one call and by many callers of single texts: how much of the
 * throughput of one call is left, and how long a call takes.
 */
public final class ConcurrentCallers {
    private ConcurrentCallers() {}

    /**
     * Takes the model's name, the file with a text a line, numbers of callers such as {@code
     * 1,8,64}, and how many rounds; prints a line of JSON for each round and number.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        var texts = Files.readAllLines(Path.of(args[1]));
        int[] counts = Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray();
        int rounds = Integer.parseInt(args[3]);
        var options =
                EncoderOptions.defaults()
                        .withDevice(Devices.choose("cpu"))
                        .withMaxLength(EmbedCorpus.MOST_TOKENS);
        try (var encoder = SentenceEncoder.load(ModelStore.standard().resolve(args[0]), options)) {
            encoder.encode(texts.subList(0, Math.min(texts.size(), 64)));
            for (int round = 0; round < rounds; round++) {
                double inOneCall = seconds(() -> encoder.encode(texts));
                for (int callers : counts) {
                    print(encoder, texts, inOneCall, callers);
                }
            }
        }
    }

    private static void print(
            SentenceEncoder encoder, List<String> texts, double inOneCall, int callers) {
        var latencies = new ConcurrentLinkedQueue<Double>();
        double byCallers = seconds(() -> call(encoder, texts, callers, latencies));
        double[] sorted = latencies.stream().mapToDouble(d -> d).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "{\"one_call\": %.1f, \"callers\": %d, \"texts_per_second\": %.1f,"
                        + " \"share\": %.3f, \"p50_ms\": %.1f, \"p99_ms\": %.1f}%n",
                texts.size() / inOneCall,
                callers,
                texts.size() / byCallers,
                inOneCall / byCallers,
                1e3 * sorted[sorted.length / 2],
                1e3 * sorted[sorted.length * 99 / 100]);
    }

    private static void call(
            SentenceEncoder encoder,
            List<String> texts,
            int callers,
            ConcurrentLinkedQueue<Double> latencies) {
        var next = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < callers; i++) {
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                for (int text = next.getAndIncrement();
                                        text < texts.size();
                                        text = next.getAndIncrement()) {
                                    var one = texts.get(text);
                                    latencies.add(seconds(() -> encoder.encode(one)));
                                }
                            }));
        }
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
