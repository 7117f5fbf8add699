package dev.mtl.bench;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.store.ModelStore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Texts per second over text length and texts per call: what {@code bench_embed.py --cases} and
 * {@code bench_onnx.py --cases} do, with the same line of JSON.
 */
public final class EmbedCases {
    private static final int MOST_TOKENS = 256;

    private EmbedCases() {}

    /**
     * Takes the model's name, a file of cases (a text file, a tab, how many texts a call takes),
     * how many repeats, and, if they are not 256, the most tokens of a text.
     */
    public static void main(String[] args) throws IOException {
        int repeats = Integer.parseInt(args[2]);
        int most = args.length > 3 ? Integer.parseInt(args[3]) : MOST_TOKENS;
        var options = EncoderOptions.defaults().withMaxLength(most);
        var rates = new ArrayList<String>();
        try (var encoder = SentenceEncoder.load(ModelStore.standard().resolve(args[0]), options)) {
            for (var line : Files.readAllLines(Path.of(args[1]))) {
                var parts = line.split("\t", -1);
                var texts = Files.readAllLines(Path.of(parts[0]));
                int size = Integer.parseInt(parts[1]);
                encode(encoder, texts, size);
                var own = new ArrayList<Double>();
                for (int i = 0; i < repeats; i++) {
                    long start = System.nanoTime();
                    encode(encoder, texts, size);
                    own.add(texts.size() * 1e9 / (System.nanoTime() - start));
                }
                own.sort(null);
                rates.add(String.format(Locale.ROOT, "%.4g", own.get(own.size() / 2)));
            }
        }
        System.out.println("{\"tool\": \"mtl\", \"rates\": [" + String.join(", ", rates) + "]}");
    }

    private static void encode(SentenceEncoder encoder, List<String> texts, int size) {
        for (int from = 0; from < texts.size(); from += size) {
            encoder.encode(texts.subList(from, Math.min(texts.size(), from + size)));
        }
    }
}
