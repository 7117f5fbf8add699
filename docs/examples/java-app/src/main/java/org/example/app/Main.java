package org.example.app;

import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;

import java.nio.file.Path;

/** Analyses a text with a trained model: {@code Main DIRECTORY TEXT}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        try (var pipeline = Pipeline.load(Path.of(arguments[0]));
                var encoder = SentenceEncoder.load(arguments[0])) {
            var analysis = pipeline.analyze(arguments[1]);
            System.out.printf(
                    "intent %s, %d entities, %d values%n",
                    analysis.label("intent").name(),
                    analysis.entities("slots").size(),
                    encoder.encode(arguments[1]).length);
        }
    }
}
