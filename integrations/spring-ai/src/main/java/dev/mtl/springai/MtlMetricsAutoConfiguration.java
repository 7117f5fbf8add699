package dev.mtl.springai;

import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.micrometer.MtlMetrics;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Meters of the encoder and the pipeline, where the application has Micrometer. */
@AutoConfiguration(after = MtlAutoConfiguration.class)
@ConditionalOnClass({MeterRegistry.class, MtlMetrics.class})
public final class MtlMetricsAutoConfiguration {
    /** With the tag {@code model} of the property. */
    @Bean
    @ConditionalOnBean(Pipeline.class)
    MtlMetrics mtlPipelineMetrics(MtlProperties properties, Pipeline pipeline) {
        return MtlMetrics.of(pipeline, properties.model());
    }

    /** With the tag {@code model} of the property and {@code (embedding)}. */
    @Bean
    @ConditionalOnBean(SentenceEncoder.class)
    MtlMetrics mtlEncoderMetrics(MtlProperties properties, SentenceEncoder encoder) {
        return MtlMetrics.of(encoder, properties.model() + " (embedding)");
    }
}
