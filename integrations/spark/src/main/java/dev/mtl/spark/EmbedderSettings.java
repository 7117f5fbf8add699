package dev.mtl.spark;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.spark.PredictionColumn.TaskKind;

import org.apache.spark.ml.linalg.Vectors;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/**
 * Settings of embeddings.
 *
 * @param promptName null for the model's default prompt
 * @param dimensions null for all
 * @param windows whether long texts are read in windows
 * @param vector whether embeddings are vectors of Spark ML
 */
record EmbedderSettings(
        Common common,
        @Nullable String promptName,
        @Nullable Integer dimensions,
        boolean windows,
        boolean vector)
        implements ModelSettings {
    @Override
    public LoadedModel load(ModelDirectory directory, int workers) {
        var options =
                EncoderOptions.defaults()
                        .withDevice(Devices.choose(common.device()))
                        .withMaxLength(common.maxLength())
                        .withPrecision(common.precision())
                        .withTruncateDim(dimensions)
                        .withLongTexts(windows ? LongTexts.WINDOW : LongTexts.CUT)
                        .withWorkers(workers);
        return new Embedder(
                SentenceEncoder.load(
                        directory,
                        promptName == null ? options : options.withPromptName(promptName)),
                vector);
    }

    private record Embedder(SentenceEncoder encoder, boolean vector) implements LoadedModel {
        @Override
        public List<Object[]> compute(List<List<String>> examples) {
            var texts = examples.stream().map(List::getFirst).toList();
            return Arrays.stream(encoder.encode(texts))
                    .map(embedding -> new Object[] {column(embedding)})
                    .toList();
        }

        private Object column(float[] embedding) {
            if (!vector) {
                return embedding;
            }
            var values = new double[embedding.length];
            Arrays.setAll(values, i -> embedding[i]);
            return Vectors.dense(values);
        }

        @Override
        public List<TaskKind> tasks() {
            return List.of();
        }

        @Override
        public boolean hasEmbedding() {
            return true;
        }

        @Override
        public void close() {
            encoder.close();
        }
    }
}
