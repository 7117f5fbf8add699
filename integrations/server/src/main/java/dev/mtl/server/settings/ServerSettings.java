package dev.mtl.server.settings;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.PipelineOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a server serves, and where.
 *
 * @param models the first answers requests that name none
 * @param pipelines options of all models
 * @param host the address to listen on
 * @param port 0 for a free one
 * @param apiKey that clients must send; null if everybody may call
 * @param corsOrigins origins whose pages may read answers, {@code *} for all; empty for none
 * @param certificate of TLS, a PEM file with the chain; null for HTTP without TLS
 * @param privateKey of TLS, a PEM file in PKCS#8; null for HTTP without TLS
 * @param watch whether models are loaded again when their files change
 * @param examples a file of texts, one a line, or of JSON lines with {@code text} and perhaps
 *     {@code label}: the nearest to a text are found among them; null for none
 */
public record ServerSettings(
        List<ModelSource> models,
        PipelineOptions pipelines,
        String host,
        int port,
        @Nullable String apiKey,
        List<String> corsOrigins,
        @Nullable Path certificate,
        @Nullable Path privateKey,
        boolean watch,
        @Nullable Path examples,
        ServerLimits limits) {
    private static final int MAX_PORT = 65_535;

    public ServerSettings {
        models = List.copyOf(models);
        corsOrigins = List.copyOf(corsOrigins);
        if (models.isEmpty()) {
            throw new ConfigurationException("no model to serve");
        }
        var names = new HashSet<String>();
        for (var model : models) {
            if (!names.add(model.name())) {
                throw new ConfigurationException(
                        "two models are called '"
                                + model.name()
                                + "': give one another name with NAME=DIRECTORY");
            }
        }
        if (port < 0 || port > MAX_PORT) {
            throw new ConfigurationException("port " + port + ": 0 to " + MAX_PORT);
        }
        if (apiKey != null && apiKey.isBlank()) {
            throw new ConfigurationException("the API key is empty");
        }
        if ((certificate == null) != (privateKey == null)) {
            throw new ConfigurationException("TLS needs a certificate and its private key");
        }
    }

    /** Models on 127.0.0.1, a free port, for everybody on this machine. */
    public static ServerSettings of(ModelSource... models) {
        return new ServerSettings(
                List.of(models),
                PipelineOptions.defaults(),
                "127.0.0.1",
                0,
                null,
                List.of(),
                null,
                null,
                false,
                null,
                ServerLimits.DEFAULT);
    }

    public ServerSettings withApiKey(@Nullable String value) {
        return with(draft -> draft.apiKey = value);
    }

    public ServerSettings withCorsOrigins(List<String> value) {
        return with(draft -> draft.corsOrigins = value);
    }

    public ServerSettings withWatch(boolean value) {
        return with(draft -> draft.watch = value);
    }

    public ServerSettings withExamples(@Nullable Path value) {
        return with(draft -> draft.examples = value);
    }

    public ServerSettings withLimits(ServerLimits value) {
        return with(draft -> draft.limits = value);
    }

    /** HTTPS by PEM files, see above. */
    public ServerSettings withTls(Path chain, Path key) {
        return with(
                draft -> {
                    draft.certificate = chain;
                    draft.privateKey = key;
                });
    }

    private ServerSettings with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A value that is being changed. */
    private static final class Draft {
        private List<ModelSource> models;
        private PipelineOptions pipelines;
        private String host;
        private int port;
        private @Nullable String apiKey;
        private List<String> corsOrigins;
        private @Nullable Path certificate;
        private @Nullable Path privateKey;
        private boolean watch;
        private @Nullable Path examples;
        private ServerLimits limits;

        Draft(ServerSettings from) {
            models = from.models;
            pipelines = from.pipelines;
            host = from.host;
            port = from.port;
            apiKey = from.apiKey;
            corsOrigins = from.corsOrigins;
            certificate = from.certificate;
            privateKey = from.privateKey;
            watch = from.watch;
            examples = from.examples;
            limits = from.limits;
        }

        ServerSettings finish() {
            return new ServerSettings(
                    models,
                    pipelines,
                    host,
                    port,
                    apiKey,
                    corsOrigins,
                    certificate,
                    privateKey,
                    watch,
                    examples,
                    limits);
        }
    }
}
