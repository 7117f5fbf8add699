package dev.mtl.springai;

import dev.mtl.core.encoder.SentenceEncoder;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Health of the encoder, where the application shows health. */
@AutoConfiguration(after = MtlAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(SentenceEncoder.class)
public final class MtlHealthAutoConfiguration {
    /** Up if the encoder embeds a text. */
    @Bean
    HealthIndicator mtlHealthIndicator(MtlProperties properties, SentenceEncoder encoder) {
        return new MtlHealthIndicator(properties.model(), encoder);
    }
}
