package dev.mtl.bench;

import dev.mtl.core.nn.Precision;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * All answers of a trained model, with the embedding, for a file of texts over and over: what
 * {@code bench_predict.py} does, with the same line of JSON.
 */
public final class PredictCorpus {
    private PredictCorpus() {}

    /**
     * Takes the model's directory, the file with a text a line, how many repeats, and the precision
     * if it is not fp32.
     */
    public static void main(String[] args) throws IOException {
        var texts = Files.readAllLines(Path.of(args[1]));
        var options =
                PipelineOptions.defaults()
                        .withPrecision(
                                args.length > 3
                                        ? Precision.valueOf(args[3].toUpperCase(Locale.ROOT))
                                        : Precision.FP32);
        try (var pipeline = Pipeline.load(Path.of(args[0]), options)) {
            TextRates.print(texts, Integer.parseInt(args[2]), pipeline::analyze);
        }
    }
}
