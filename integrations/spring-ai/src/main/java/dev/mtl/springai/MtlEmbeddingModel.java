package dev.mtl.springai;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.SentenceEncoder;

import io.micrometer.observation.ObservationRegistry;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.AbstractEmbeddingModel;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

import java.util.ArrayList;
import java.util.List;

/**
 * Sentence embeddings in this process, each call observed. {@link #embed(Document)} uses the
 * model's prompt for documents; the other methods its default prompt, as Spring AI does not say
 * what a text is. The encoder stays the caller's.
 */
public final class MtlEmbeddingModel extends AbstractEmbeddingModel {
    private static final DefaultEmbeddingModelObservationConvention CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final String name;
    private final SentenceEncoder encoder;
    private final ObservationRegistry observations;

    /**
     * @param name of the model, for responses and observations
     */
    public MtlEmbeddingModel(
            String name, SentenceEncoder encoder, ObservationRegistry observations) {
        this.name = name;
        this.encoder = encoder;
        this.observations = observations;
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        requireSupported(request.getOptions());
        var context =
                EmbeddingModelObservationContext.builder()
                        .embeddingRequest(request)
                        .provider("mtl")
                        .build();
        var observation =
                EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION.observation(
                        null, CONVENTION, () -> context, observations);
        return observation.observe(
                () -> {
                    var response = embedAll(request.getInstructions());
                    context.setResponse(response);
                    return response;
                });
    }

    private EmbeddingResponse embedAll(List<String> texts) {
        var vectors = encoder.encode(texts);
        var results = new ArrayList<Embedding>(vectors.length);
        for (int i = 0; i < vectors.length; i++) {
            results.add(new Embedding(vectors[i], i));
        }
        int tokens = texts.stream().mapToInt(encoder::countTokens).sum();
        return new EmbeddingResponse(
                results, new EmbeddingResponseMetadata(name, new DefaultUsage(tokens, 0)));
    }

    private void requireSupported(@Nullable EmbeddingOptions options) {
        if (options == null) {
            return;
        }
        var model = options.getModel();
        if (model != null && !model.equals(name)) {
            throw new ConfigurationException(
                    "model '%s' is asked for, and this is '%s'".formatted(model, name));
        }
        var dimensions = options.getDimensions();
        if (dimensions != null && dimensions != encoder.dimensions()) {
            throw new ConfigurationException(
                    "%d dimensions are asked for, and model '%s' has %d"
                            .formatted(dimensions, name, encoder.dimensions()));
        }
    }

    @Override
    public float[] embed(Document document) {
        return encoder.encodeDocument(getEmbeddingContent(document));
    }

    @Override
    public String getEmbeddingContent(Document document) {
        return document.getFormattedContent(MetadataMode.EMBED);
    }

    @Override
    public int dimensions() {
        return encoder.dimensions();
    }
}
