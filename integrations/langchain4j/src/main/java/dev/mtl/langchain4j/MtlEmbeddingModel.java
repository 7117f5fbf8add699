package dev.mtl.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.encoder.SentenceEncoder;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Sentence embeddings in this process. Thread-safe; calls that arrive at the same time share
 * batches. Texts that are longer than the model's input are read in windows, not cut.
 *
 * <p>An input type of a request, {@code QUERY} or {@code DOCUMENT}, chooses the model's prompt;
 * without one its default prompt is used. {@code dimensions} cuts the vectors of models that were
 * trained for it (Matryoshka).
 */
public final class MtlEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private final String name;
    private final SentenceEncoder encoder;
    private final List<EmbeddingModelListener> listeners;

    private MtlEmbeddingModel(
            String name, SentenceEncoder encoder, List<EmbeddingModelListener> listeners) {
        this.name = name;
        this.encoder = encoder;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Loads a model.
     *
     * @param model a name such as {@code all-MiniLM-L6-v2}, a directory, {@code hf:org/name}, or
     *     {@code maven:group:artifact:version}
     * @throws dev.mtl.core.MtlException if it cannot be loaded
     */
    public static MtlEmbeddingModel load(String model) {
        return load(model, EncoderOptions.defaults().withLongTexts(LongTexts.WINDOW), List.of());
    }

    /**
     * Loads a model.
     *
     * @param model as {@link #load(String)} takes it
     * @param listeners hear of each request
     * @throws dev.mtl.core.MtlException if it cannot be loaded
     */
    public static MtlEmbeddingModel load(
            String model, EncoderOptions options, List<EmbeddingModelListener> listeners) {
        return new MtlEmbeddingModel(model, SentenceEncoder.load(model, options), listeners);
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        var texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        var vectors = cut(encode(texts, request.inputType()), request.dimensions());
        int tokens = texts.stream().mapToInt(encoder::countTokens).sum();
        return EmbeddingResponse.builder()
                .embeddings(Arrays.stream(vectors).map(Embedding::from).toList())
                .modelName(name)
                .tokenUsage(new TokenUsage(tokens))
                .build();
    }

    private float[][] encode(List<String> texts, @Nullable EmbeddingInputType type) {
        if (type == EmbeddingInputType.QUERY) {
            return encoder.encodeQuery(texts);
        }
        return type == EmbeddingInputType.DOCUMENT
                ? encoder.encodeDocument(texts)
                : encoder.encode(texts);
    }

    /** Cuts vectors; those of length 1 get length 1 again. */
    private float[][] cut(float[][] vectors, @Nullable Integer dimensions) {
        if (dimensions == null || dimensions == encoder.dimensions()) {
            return vectors;
        }
        if (dimensions < 1 || dimensions > encoder.dimensions()) {
            throw new ConfigurationException(
                    "dimensions %d: model %s has %d"
                            .formatted(dimensions, name, encoder.dimensions()));
        }
        return Arrays.stream(vectors)
                .map(vector -> cut(vector, dimensions))
                .toArray(float[][]::new);
    }

    private static float[] cut(float[] vector, int dimensions) {
        var cut = Arrays.copyOf(vector, dimensions);
        if (Math.abs(length(vector) - 1) < 1e-3) {
            float scale = (float) (1 / length(cut));
            for (int i = 0; i < dimensions; i++) {
                cut[i] *= scale;
            }
        }
        return cut;
    }

    private static double length(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return Set.of(EmbeddingRequestParameters.DIMENSIONS, EmbeddingRequestParameters.INPUT_TYPE);
    }

    @Override
    public int dimension() {
        return encoder.dimensions();
    }

    @Override
    public String modelName() {
        return name;
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    /** Counts the tokens of texts as this model reads them, special tokens not included. */
    public TokenCountEstimator tokenCountEstimator() {
        return new MtlTokenCountEstimator(encoder);
    }

    /** Waits for running calls, then frees the model. */
    @Override
    public void close() {
        encoder.close();
    }
}
