package dev.mtl.springai;

import dev.mtl.core.encoder.SentenceEncoder;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up if the encoder embeds a text. */
final class MtlHealthIndicator extends AbstractHealthIndicator {
    private final String name;
    private final SentenceEncoder encoder;

    MtlHealthIndicator(String name, SentenceEncoder encoder) {
        super("the model does not embed");
        this.name = name;
        this.encoder = encoder;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        int dimensions = encoder.encode("health").length;
        builder.up()
                .withDetail("model", name)
                .withDetail("dimensions", dimensions)
                .withDetail("queuedTokens", encoder.queuedTokens());
    }
}
