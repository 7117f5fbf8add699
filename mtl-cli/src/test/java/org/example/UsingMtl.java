package org.example;

import dev.mtl.core.encoder.EmbeddingQuantizer;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.store.ModelStore;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs of {@code docs/java.md}, in a package that sees MTL's public types only. */
public final class UsingMtl {
    private final ModelStore store;

    public UsingMtl(ModelStore store) {
        this.store = store;
    }

    public static float[][] embed(String name, List<String> texts) {
        try (var encoder = SentenceEncoder.load(name)) {
            return encoder.encode(texts);
        }
    }

    public float[][] search(String name, String question, List<String> passages) {
        try (var encoder = SentenceEncoder.load(store.resolve(name), EncoderOptions.defaults())) {
            float[] query = encoder.encodeQuery(question);
            float[][] documents = encoder.encodeDocument(passages);
            return new float[][] {query, documents[0]};
        }
    }

    public byte[] embedInBytes(String name, List<String> sample, String text) {
        try (var encoder = SentenceEncoder.load(store.resolve(name), EncoderOptions.defaults())) {
            var ranges = EmbeddingQuantizer.Ranges.of(encoder.encode(sample));
            var quantizer = EmbeddingQuantizer.of(EmbeddingQuantizer.Format.INT8, ranges);
            return quantizer.quantize(encoder.encode(text));
        }
    }

    public float[] embedInEightBits(String name, String text) {
        var options = EncoderOptions.defaults().withMaxLength(64).withPrecision(Precision.INT8);
        try (var encoder = SentenceEncoder.load(store.resolve(name), options)) {
            return encoder.encode(text);
        }
    }

    public List<Map<String, Object>> predict(Path directory, List<String> texts) {
        try (var pipeline = Pipeline.load(directory)) {
            var answers = new ArrayList<Map<String, Object>>();
            for (var analysis : pipeline.analyze(texts)) {
                float[] embedding = analysis.embedding();
                analysis.predictions()
                        .forEach((task, prediction) -> answers.add(prediction.toJson()));
            }
            return answers;
        }
    }

    public int labelsAtMost(Path directory, String text) {
        var options =
                PipelineOptions.defaults()
                        .withPrecision(Precision.INT8)
                        .withTasks("intent", "slots")
                        .withTopK(5)
                        .withMaxQueuedTokens(1 << 16)
                        .withTimeout(Duration.ofSeconds(2));
        try (var pipeline = Pipeline.load(directory, options)) {
            return pipeline.analyze(text).predictions().size();
        }
    }
}
