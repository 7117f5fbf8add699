package dev.mtl.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.testing.TinyModel;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.nio.file.Path;
import java.util.List;

class MtlAutoConfigurationTest {
    @TempDir static Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @BeforeAll
    static void write() {
        TinyModel.write(folder.resolve("encoder"), 5, 0.1);
    }

    private ApplicationContextRunner application(String... properties) {
        var observations = ObservationRegistry.create();
        observations
                .observationConfig()
                .observationHandler(new DefaultMeterObservationHandler(meters));
        return new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(
                                MtlAutoConfiguration.class,
                                MtlHealthAutoConfiguration.class,
                                MtlMetricsAutoConfiguration.class))
                .withBean(MeterRegistry.class, () -> meters)
                .withBean(ObservationRegistry.class, () -> observations)
                .withPropertyValues("mtl.model=" + folder.resolve("encoder"), "mtl.device=cpu")
                .withPropertyValues(properties);
    }

    @Test
    void anEncoderIsAnEmbeddingModelWithHealthAndObservations() {
        application()
                .run(
                        context -> {
                            var model = context.getBean(EmbeddingModel.class);
                            var encoder = context.getBean(SentenceEncoder.class);
                            var response = model.embedForResponse(List.of("play", "the song"));

                            assertThat(response.getResults()).hasSize(2);
                            assertThat(response.getResults().get(0).getIndex()).isZero();
                            assertThat(response.getResults().get(1).getOutput())
                                    .containsExactly(
                                            encoder.encode("the song"), Offset.offset(1e-6f));
                            assertThat(response.getMetadata().getUsage().getPromptTokens())
                                    .isEqualTo(3);
                            assertThat(model.dimensions()).isEqualTo(32);
                            assertThat(model.embed(new Document("play"))).hasSize(32);
                            assertThat(meters.find("gen_ai.client.operation").timer()).isNotNull();
                            assertThat(context).doesNotHaveBean(Pipeline.class);
                            var health = context.getBean(HealthIndicator.class).health();
                            assertThat(health.getStatus()).isEqualTo(Status.UP);
                            assertThat(health.getDetails()).containsEntry("dimensions", 32);
                        });
    }

    @Test
    void metersAreBoundToTheEncoder() {
        application()
                .run(
                        context -> {
                            context.getBeansOfType(MeterBinder.class)
                                    .values()
                                    .forEach(binder -> binder.bindTo(meters));
                            context.getBean(SentenceEncoder.class).encode("play the song");
                            assertThat(meters.get("mtl.inference").timer().count()).isEqualTo(1);
                            assertThat(meters.get("mtl.batch.size").summary().max()).isEqualTo(1);
                            assertThat(meters.get("mtl.queue.tokens").gauge().value()).isZero();
                        });
    }

    @Test
    void theEmbeddingModelCanBeLeftOut() {
        application("mtl.embedding.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(EmbeddingModel.class));
    }

    @Test
    void optionsThatTheModelDoesNotHaveAreRefused() {
        application()
                .run(
                        context -> {
                            var model = context.getBean(EmbeddingModel.class);
                            var options = EmbeddingOptions.builder().dimensions(7).build();
                            assertThatThrownBy(
                                            () ->
                                                    model.call(
                                                            new EmbeddingRequest(
                                                                    List.of("a"), options)))
                                    .isInstanceOf(ConfigurationException.class)
                                    .hasMessageContaining("7 dimensions are asked for");
                        });
    }

    @Test
    void anUnknownModelStopsTheApplicationWithItsMessage() {
        application("mtl.model=no-such-model")
                .run(
                        context ->
                                assertThat(context)
                                        .getFailure()
                                        .hasStackTraceContaining("no model 'no-such-model'"));
    }
}
