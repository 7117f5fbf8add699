package dev.mtl.bench;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.store.ModelStore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Embeds a file of texts over and over: what {@code bench_embed.py} and {@code bench_onnx.py} do,
 * with the same line of JSON.
 */
public final class EmbedCorpus {
    static final int MOST_TOKENS = 256;

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
            TextRates.print(texts, repeats, encoder::encode);
        }
    }
}
