package dev.mtl.server.http;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.micrometer.MtlMetrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** The meters of text-embeddings-inference by their names, and those of MTL's pipelines. */
public final class ServerMetrics {
    /** Micrometer ends the names of counters so; those of text-embeddings-inference do not. */
    private static final Pattern COUNTER = Pattern.compile("\\b(te_\\w+)_total\\b");

    private static final double[] SECONDS =
            DoubleStream.iterate(1.5e-5, bound -> bound * 1.5).limit(35).toArray();
    private static final double[] COUNTS =
            DoubleStream.iterate(1, bound -> bound * 2).limit(17).toArray();

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DistributionSummary total = summary("te.request.duration", SECONDS);
    private final DistributionSummary tokenization =
            summary("te.request.tokenization.duration", SECONDS);
    private final DistributionSummary queue = summary("te.request.queue.duration", SECONDS);
    private final DistributionSummary inference = summary("te.request.inference.duration", SECONDS);
    private final DistributionSummary inputTokens = summary("te.request.input.length", COUNTS);
    private final DistributionSummary batchRows = summary("te.batch.next.size", COUNTS);
    private final DistributionSummary batchTokens = summary("te.batch.next.tokens", COUNTS);

    public ServerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        for (boolean batch : new boolean[] {false, true}) {
            registry.counter("te.request.count", "method", method(batch));
            registry.counter("te.request.success", "method", method(batch));
        }
    }

    private DistributionSummary summary(String name, double[] bounds) {
        return DistributionSummary.builder(name).serviceLevelObjectives(bounds).register(registry);
    }

    private static String method(boolean batch) {
        return batch ? "batch" : "single";
    }

    void watchQueue(IntSupplier size) {
        Gauge.builder("te.queue.size", size, IntSupplier::getAsInt)
                .description("Requests that are computed or wait for it")
                .strongReference(true)
                .register(registry);
    }

    /** Adds the meters of a pipeline in the place of those that a model of this name had. */
    public void watch(String model, Pipeline pipeline) {
        registry.find("mtl.queue.tokens").tag("model", model).meters().forEach(registry::remove);
        MtlMetrics.of(pipeline, model).bindTo(registry);
        pipeline.addListener(
                new InferenceListener() {
                    @Override
                    public void onBatch(int rows, int tokens) {
                        batchRows.record(rows);
                        batchTokens.record(tokens);
                    }
                });
    }

    void requested(boolean batch) {
        registry.counter("te.request.count", "method", method(batch)).increment();
    }

    void answered(Exchange exchange) {
        if (!exchange.counted()) {
            return;
        }
        registry.counter("te.request.success", "method", method(exchange.batch())).increment();
        var times = exchange.times();
        total.record(seconds(exchange.nanos()));
        tokenization.record(seconds(times.tokenizationNanos()));
        queue.record(seconds(times.queueNanos()));
        inference.record(seconds(times.inferenceNanos()));
        inputTokens.record(times.tokens());
    }

    private static double seconds(long nanos) {
        return nanos * 1e-9;
    }

    void failed(ErrorType type) {
        failed(
                switch (type) {
                    case OVERLOADED -> "overloaded";
                    case BACKEND -> "model_type";
                    case UNHEALTHY -> "unhealthy";
                    case INTERNAL -> "inference";
                    case UNAUTHORIZED, FORBIDDEN -> "unauthorized";
                    default -> "validation";
                });
    }

    void dropped() {
        failed("dropped");
    }

    private void failed(String why) {
        registry.counter("te.request.failure", "err", why).increment();
    }

    /** All meters in Prometheus' text format. */
    public String scrape() {
        return COUNTER.matcher(registry.scrape()).replaceAll("$1");
    }
}
