package dev.mtl.springai;

import dev.mtl.core.nn.Precision;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The properties {@code mtl.*}.
 *
 * @param model name of an encoder ({@code all-MiniLM-L6-v2}, {@code hf:org/name}, a directory), or
 *     the directory of a trained model, which also becomes a pipeline bean
 * @param embedding settings of the embedding model
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param precision {@code fp32}, or {@code int8} on a CPU
 * @param maxLength the longest input in tokens; default the model's
 * @param plugins jars with heads that the model needs
 * @param maxQueuedTokens calls of the pipeline wait while more tokens are queued
 * @param timeout of the pipeline's calls; default none
 */
@ConfigurationProperties("mtl")
public record MtlProperties(
        @DefaultValue("all-MiniLM-L6-v2") String model,
        @DefaultValue Embedding embedding,
        @DefaultValue("auto") String device,
        @DefaultValue("fp32") Precision precision,
        @Nullable Integer maxLength,
        @DefaultValue List<Path> plugins,
        @DefaultValue("1048576") long maxQueuedTokens,
        @Nullable Duration timeout) {

    /**
     * Settings of the embedding model.
     *
     * @param enabled false if only the pipeline is wanted: then the weights are loaded once
     */
    public record Embedding(@DefaultValue("true") boolean enabled) {}
}
