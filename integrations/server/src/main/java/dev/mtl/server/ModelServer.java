package dev.mtl.server;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.server.api.EmbedRoutes;
import dev.mtl.server.api.InfoRoutes;
import dev.mtl.server.api.NluRoutes;
import dev.mtl.server.api.OipRoutes;
import dev.mtl.server.api.OpenAiRoutes;
import dev.mtl.server.api.PageRoutes;
import dev.mtl.server.api.PredictRoutes;
import dev.mtl.server.api.RerankRoutes;
import dev.mtl.server.api.TokenRoutes;
import dev.mtl.server.connection.Patience;
import dev.mtl.server.connection.WatchedConnections;
import dev.mtl.server.http.CallTimes;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.ServerMetrics;
import dev.mtl.server.http.Unrouted;
import dev.mtl.server.model.DirectoryWatch;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModels;
import dev.mtl.server.settings.ServerSettings;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;

/**
 * Serves models over HTTP: the routes of text-embeddings-inference, OpenAI's embeddings, the Open
 * Inference Protocol, and {@code /nlu}.
 *
 * <pre>{@code
 * var files = ModelStore.standard().resolve("runs/quickstart");
 * try (var server = ModelServer.start(ServerSettings.of(new ModelSource("quickstart", files)))) {
 *     System.out.println(server.url());
 * }
 * }</pre>
 */
public final class ModelServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);

    /**
     * Clients that keep sending have their 503 and its {@code Connection: close} by then, on a busy
     * machine too.
     */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private static final Duration WATCH_PERIOD = Duration.ofSeconds(2);

    private final ServerSettings settings;
    private final ServedModels models;
    private final Gate gate;
    private final WatchedConnections connections;
    private final WebServer web;
    private final @Nullable DirectoryWatch watch;

    private ModelServer(ServerSettings settings, ServedModels models, ServerMetrics metrics) {
        this.settings = settings;
        this.models = models;
        var limits = settings.limits();
        boolean onCpu = models.get(null).use(model -> model.pipeline().device().isCpu());
        gate =
                new Gate(
                        limits,
                        settings.apiKey(),
                        settings.corsOrigins(),
                        metrics,
                        onCpu ? "cpu" : "gpu+optimized");
        connections =
                new WatchedConnections(
                        Http1ConnectionSelector.builder().config(Http1Config.create()).build(),
                        new Patience(limits.readTime(), limits.idleTime(), limits.idleTime()));
        web = web(settings, routing(metrics));
        try {
            web.start();
        } catch (RuntimeException e) {
            connections.close();
            throw new MtlException(
                    "cannot listen on %s:%d: %s"
                            .formatted(settings.host(), settings.port(), rootMessage(e)),
                    e);
        }
        watch = settings.watch() ? new DirectoryWatch(models, WATCH_PERIOD) : null;
    }

    /**
     * Loads the models and listens.
     *
     * @throws ConfigurationException if a model or an address is none
     * @throws MtlException if a model cannot be loaded, or the port is taken
     */
    public static ModelServer start(ServerSettings settings) {
        var metrics = new ServerMetrics();
        var models = new ServedModels(settings, model -> watch(model, metrics));
        try {
            return new ModelServer(settings, models, metrics);
        } catch (RuntimeException | Error e) {
            models.close();
            throw e;
        }
    }

    private static void watch(LoadedModel model, ServerMetrics metrics) {
        model.pipeline().addListener(CallTimes.LISTENER);
        metrics.watch(model.name(), model.pipeline());
    }

    private HttpRouting.Builder routing(ServerMetrics metrics) {
        var version =
                Objects.requireNonNullElse(
                        ModelServer.class.getPackage().getImplementationVersion(), "unknown");
        var routing = HttpRouting.builder();
        new EmbedRoutes(models).register(routing, gate);
        new PredictRoutes(models).register(routing, gate);
        new RerankRoutes(models).register(routing, gate);
        new TokenRoutes(models).register(routing, gate);
        new OpenAiRoutes(models).register(routing, gate);
        new OipRoutes(models, version).register(routing, gate);
        new NluRoutes(models).register(routing, gate);
        new InfoRoutes(models, metrics, version).register(routing, gate);
        new PageRoutes().register(routing, gate);
        Unrouted.register(routing, gate);
        return routing;
    }

    private WebServer web(ServerSettings settings, HttpRouting.Builder routing) {
        var server =
                WebServer.builder()
                        .address(address(settings.host()))
                        .port(settings.port())
                        .shutdownHook(false)
                        .protocolsDiscoverServices(false)
                        .featuresDiscoverServices(false)
                        .addConnectionSelector(connections)
                        .useNio(false) // a socket that two threads may read and write at once
                        .maxPayloadSize(settings.limits().maxBodyBytes())
                        .shutdownGracePeriod(Duration.ofMillis(100))
                        .connectionOptions(options -> options.tcpNoDelay(true))
                        .directHandlers(Unrouted.direct())
                        .routing(routing);
        if (settings.certificate() != null && settings.privateKey() != null) {
            var context = Tls.context(settings.certificate(), settings.privateKey());
            server.tls(tls -> tls.sslContext(context));
        }
        return server.build();
    }

    private static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ConfigurationException("host " + host + ": no such address", e);
        }
    }

    private static String rootMessage(Throwable e) {
        var root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** The port that it listens on. */
    public int port() {
        return web.port();
    }

    /** {@code http://127.0.0.1:8080}. */
    public String url() {
        var host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return (settings.certificate() == null ? "http" : "https") + "://" + host + ":" + port();
    }

    /**
     * Refuses new requests with 503, waits for those that have begun, as long as the limits say,
     * and ends.
     */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        try {
            gate.refuseNew();
            gate.awaitAnswers(settings.limits().shutdownTime());
            // Requests that are on their way are refused, not cut off.
            connections.awaitClosed(LINGER);
            int left = gate.awaitAnswers(settings.limits().shutdownTime());
            if (left > 0) {
                LOG.warn("{} requests were not answered in time", left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        web.stop();
        connections.close();
        models.close();
    }
}
