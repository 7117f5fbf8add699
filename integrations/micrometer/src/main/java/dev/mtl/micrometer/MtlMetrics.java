package dev.mtl.micrometer;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Meters of one pipeline or encoder.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><td>{@code mtl.tokenization}</td><td>timer: tokenizing the texts of a call</td></tr>
 * <tr><td>{@code mtl.queue}</td><td>timer: a call's wait for a thread</td></tr>
 * <tr><td>{@code mtl.inference}</td><td>timer: from then until its last text is computed</td></tr>
 * <tr><td>{@code mtl.call.tokens}</td><td>summary: tokens of a call</td></tr>
 * <tr><td>{@code mtl.batch.size}</td><td>summary: rows of a batch</td></tr>
 * <tr><td>{@code mtl.batch.tokens}</td><td>summary: tokens of a batch, without padding</td></tr>
 * <tr><td>{@code mtl.queue.tokens}</td><td>gauge: tokens that wait for a thread</td></tr>
 * </table>
 *
 * Each has the tag {@code model}.
 */
public final class MtlMetrics implements MeterBinder {
    private final String model;
    private final Consumer<InferenceListener> subscription;
    private final LongSupplier queuedTokens;

    private MtlMetrics(
            String model, Consumer<InferenceListener> subscription, LongSupplier queuedTokens) {
        this.model = model;
        this.subscription = subscription;
        this.queuedTokens = queuedTokens;
    }

    /**
     * Meters of a pipeline.
     *
     * @param model the value of the tag {@code model}
     */
    public static MtlMetrics of(Pipeline pipeline, String model) {
        return new MtlMetrics(model, pipeline::addListener, pipeline::queuedTokens);
    }

    /**
     * Meters of an encoder.
     *
     * @param model the value of the tag {@code model}
     */
    public static MtlMetrics of(SentenceEncoder encoder, String model) {
        return new MtlMetrics(model, encoder::addListener, encoder::queuedTokens);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        var tags = Tags.of("model", model);
        Gauge.builder("mtl.queue.tokens", queuedTokens, LongSupplier::getAsLong)
                .description("Tokens that wait for a thread")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        subscription.accept(new Recorder(registry, tags));
    }

    private static final class Recorder implements InferenceListener {
        private final Timer tokenization;
        private final Timer queue;
        private final Timer inference;
        private final DistributionSummary callTokens;
        private final DistributionSummary batchSize;
        private final DistributionSummary batchTokens;

        Recorder(MeterRegistry registry, Tags tags) {
            tokenization = timer(registry, tags, "mtl.tokenization", "Tokenizing a call's texts");
            queue = timer(registry, tags, "mtl.queue", "A call's wait for a thread");
            inference = timer(registry, tags, "mtl.inference", "Computing a call's texts");
            callTokens = summary(registry, tags, "mtl.call.tokens", "Tokens of a call");
            batchSize = summary(registry, tags, "mtl.batch.size", "Rows of a batch");
            batchTokens = summary(registry, tags, "mtl.batch.tokens", "Tokens of a batch");
        }

        private static Timer timer(MeterRegistry registry, Tags tags, String name, String text) {
            return Timer.builder(name)
                    .description(text)
                    .tags(tags)
                    .publishPercentileHistogram()
                    .register(registry);
        }

        private static DistributionSummary summary(
                MeterRegistry registry, Tags tags, String name, String text) {
            return DistributionSummary.builder(name)
                    .description(text)
                    .tags(tags)
                    .register(registry);
        }

        @Override
        public void onCall(Call call) {
            tokenization.record(call.tokenization());
            queue.record(call.queue());
            inference.record(call.inference());
            callTokens.record(call.tokens());
        }

        @Override
        public void onBatch(int rows, int tokens) {
            batchSize.record(rows);
            batchTokens.record(tokens);
        }
    }
}
