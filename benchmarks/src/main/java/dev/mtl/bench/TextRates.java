package dev.mtl.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What a corpus takes, in one call and as single texts: the line of JSON of {@code bench_*.py}. */
final class TextRates {
    private TextRates() {}

    /**
     * Measures and prints the line.
     *
     * @param repeats of the corpus in one call
     * @param work takes the texts of a call
     */
    static void print(List<String> texts, int repeats, Consumer<List<String>> work) {
        work.accept(texts.subList(0, Math.min(texts.size(), 64)));
        var rates = new ArrayList<Double>();
        for (int i = 0; i < repeats; i++) {
            rates.add(texts.size() / seconds(() -> work.accept(texts)));
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
                latencies.add(1e3 * seconds(() -> work.accept(List.of(text))));
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
