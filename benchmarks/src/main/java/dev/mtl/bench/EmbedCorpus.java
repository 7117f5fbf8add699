package dev.mtl.bench;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.store.ModelStore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Embeds a file of texts over and over: what {@code bench_embed.py} and {@code bench_onnx.py} do,
 * with the same line of JSON.
 */
public final class EmbedCorpus {
    private static final int MOST_TOKENS = 256;

    private EmbedCorpus() {}

    /**
     * Takes the model's name, the file with a text a line, how many repeats, and, if they are not
     * fp32 and cpu, the precision and the device.
     */
    public static void main(String[] args) throws IOException {
        var texts = Files.readAllLines(Path.of(args[1]));
        int repeats = Integer.parseInt(args[2]);
        var precision =
                args.length > 3
                        ? Precision.valueOf(args[3].toUpperCase(Locale.ROOT))
                        : Precision.FP32;
        var options =
                EncoderOptions.defaults()
                        .withMaxLength(MOST_TOKENS)
                        .withDevice(Devices.choose(args.length > 4 ? args[4] : "cpu"))
                        .withPrecision(precision);
        try (var encoder = SentenceEncoder.load(ModelStore.standard().resolve(args[0]), options)) {
            encoder.encode(texts.subList(0, Math.min(texts.size(), 64)));
            var rates = new ArrayList<Double>();
            for (int i = 0; i < repeats; i++) {
                rates.add(texts.size() / seconds(() -> encoder.encode(texts)));
            }
            var ones =
                    texts.stream()
                            .sorted(Comparator.comparingInt(String::length))
                            .limit(Math.max(20, texts.size() / 20))
                            .toList();
            var latencies = new ArrayList<Double>();
            for (int round = 0; round < 20; round++) {
                latencies.clear();
                for (var text : ones) {
                    latencies.add(1e3 * seconds(() -> encoder.encode(text)));
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "{\"tool\": \"mtl\", \"texts\": %d, \"texts_per_second\": %s,"
                            + " \"one_short_text_ms\": %s}%n",
                    texts.size(),
                    summary(rates),
                    summary(latencies));
        }
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static String summary(List<Double> values) {
        var sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return String.format(
                Locale.ROOT,
                "{\"median\": %.2f, \"p99\": %.2f, \"min\": %.2f, \"max\": %.2f}",
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 99 / 100),
                sorted.getFirst(),
                sorted.getLast());
    }
}
