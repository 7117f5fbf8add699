package dev.mtl.springai;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;

import io.micrometer.observation.ObservationRegistry;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

import java.nio.file.Path;

/** Beans for {@code mtl.model}: an embedding model, and a pipeline if it is a trained model. */
@AutoConfiguration
@EnableConfigurationProperties(MtlProperties.class)
public final class MtlAutoConfiguration {
    /** The encoder behind the embedding model. */
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty(name = "mtl.embedding.enabled", matchIfMissing = true)
    SentenceEncoder mtlSentenceEncoder(MtlProperties properties) {
        return SentenceEncoder.load(
                properties.model(),
                EncoderOptions.defaults()
                        .withDevice(Devices.choose(properties.device()))
                        .withPrecision(properties.precision())
                        .withMaxLength(properties.maxLength())
                        .withLongTexts(LongTexts.WINDOW));
    }

    /** Spring AI's interface to the encoder. */
    @Bean
    @ConditionalOnMissingBean(EmbeddingModel.class)
    @ConditionalOnBean(SentenceEncoder.class)
    MtlEmbeddingModel mtlEmbeddingModel(
            MtlProperties properties,
            SentenceEncoder encoder,
            ObjectProvider<ObservationRegistry> observations) {
        return new MtlEmbeddingModel(
                properties.model(),
                encoder,
                observations.getIfUnique(() -> ObservationRegistry.NOOP));
    }

    /** Every answer of a trained model. */
    @Bean
    @ConditionalOnMissingBean
    @Conditional(OnTrainedModel.class)
    Pipeline mtlPipeline(MtlProperties properties) {
        var options =
                PipelineOptions.defaults()
                        .withDevice(properties.device())
                        .withPrecision(properties.precision())
                        .withMaxLength(properties.maxLength())
                        .withMaxQueuedTokens(properties.maxQueuedTokens())
                        .withTimeout(properties.timeout());
        var plugins = properties.plugins().toArray(Path[]::new);
        return Pipeline.load(
                Path.of(properties.model()),
                plugins.length == 0 ? options : options.withPlugins(plugins));
    }
}
