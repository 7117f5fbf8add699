package dev.mtl.cli.option;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerLimits;
import dev.mtl.server.settings.ServerSettings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Where a server listens, who may use it, and what it takes on. */
public final class ServerOptions {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description =
                    "The address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}, which"
                            + " only this machine reaches.")
    private String host = "";

    @Option(
            names = "--port",
            defaultValue = "8080",
            paramLabel = "N",
            description = "The port to listen on; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "Clients must send Authorization: Bearer KEY. Default: the environment variable"
                            + " MTL_API_KEY, which other users of the machine do not see.")
    private @Nullable String apiKey;

    @Option(
            names = "--cors-allow-origin",
            paramLabel = "ORIGIN",
            description =
                    "Let pages of this origin, such as https://example.org, read answers; * for"
                            + " all. Repeatable. Default: none.")
    private List<String> origins = new ArrayList<>();

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Serve HTTPS with this certificate chain, PEM.")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The certificate's private key, PEM, PKCS#8, unencrypted.")
    private @Nullable Path privateKey;

    @Option(
            names = "--watch",
            description =
                    "Load a model again when its files change. The version before serves until"
                            + " then, and goes on if the new one cannot be loaded.")
    private boolean watch;

    @Option(
            names = "--examples",
            paramLabel = "FILE",
            description =
                    "Texts to find the nearest of, for /nearest and the page: one a line, or JSON"
                            + " lines with text and perhaps label.")
    private @Nullable Path examples;

    @Option(
            names = "--max-concurrent-requests",
            defaultValue = "512",
            paramLabel = "N",
            description =
                    "Answer further requests with 429 while N are computed. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int maxConcurrentRequests;

    @Option(
            names = "--max-client-batch-size",
            defaultValue = "32",
            paramLabel = "N",
            description =
                    "Texts or pairs of a request, at most; /v1/embeddings takes 2048. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int maxInputs;

    @Option(
            names = "--payload-limit",
            defaultValue = "2000000",
            paramLabel = "BYTES",
            description = "Refuse larger requests. Default: ${DEFAULT-VALUE}.")
    private int maxBodyBytes;

    @Option(
            names = "--request-timeout",
            defaultValue = "30",
            paramLabel = "SECONDS",
            description = "Give up a request that takes longer. Default: ${DEFAULT-VALUE}.")
    private int requestSeconds;

    /**
     * The settings of a server.
     *
     * @param keyOfEnvironment null for none
     * @throws ConfigurationException if they contradict each other
     */
    public ServerSettings settings(
            List<ModelSource> models,
            PipelineOptions pipelines,
            @Nullable String keyOfEnvironment) {
        requirePositive("--max-concurrent-requests", maxConcurrentRequests);
        requirePositive("--max-client-batch-size", maxInputs);
        requirePositive("--payload-limit", maxBodyBytes);
        requirePositive("--request-timeout", requestSeconds);
        return new ServerSettings(
                models,
                pipelines,
                host,
                port,
                apiKey == null ? keyOfEnvironment : apiKey,
                origins,
                certificate,
                privateKey,
                watch,
                examples,
                ServerLimits.DEFAULT
                        .withMaxConcurrentRequests(maxConcurrentRequests)
                        .withMaxInputs(maxInputs)
                        .withMaxBodyBytes(maxBodyBytes)
                        .withRequestTime(Duration.ofSeconds(requestSeconds)));
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigurationException(option + " " + value + ": a positive integer");
        }
    }
}
