package dev.mtl.server.api;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.ErrorType;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.http.ServerMetrics;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModel;
import dev.mtl.server.model.ServedModels;
import dev.mtl.server.model.TaskInfo;

import io.helidon.webserver.http.HttpRouting;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Health, metrics, what is served, and reloading it. */
public final class InfoRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(InfoRoutes.class);

    private final ServedModels models;
    private final ServerMetrics metrics;
    private final String version;

    /**
     * @param version of this program
     */
    public InfoRoutes(ServedModels models, ServerMetrics metrics, String version) {
        this.models = models;
        this.metrics = metrics;
        this.version = version;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.get("/health", gate.handler(Access.PUBLIC, InfoRoutes::health))
                .get("/ping", gate.handler(Access.PUBLIC, InfoRoutes::health))
                .get("/metrics", gate.handler(Access.PUBLIC, this::metrics))
                .get("/info", gate.handler(Access.KEY, this::info))
                .post("/admin/reload", gate.handler(Access.ADMIN, this::reload));
    }

    static void health(Exchange exchange) {
        if (exchange.isDraining()) {
            throw new ApiException(ErrorType.UNHEALTHY, "unhealthy");
        }
        exchange.ok();
    }

    private void metrics(Exchange exchange) {
        exchange.send(
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void info(Exchange exchange) {
        var json = new LinkedHashMap<String, Object>();
        json.putAll(models.get(null).use(InfoRoutes::describe));
        json.put("max_concurrent_requests", exchange.limits().maxConcurrentRequests());
        json.put("max_client_batch_size", exchange.limits().maxInputs());
        json.put("auto_truncate", true);
        json.put("tokenization_workers", Runtime.getRuntime().availableProcessors());
        json.put("version", version);
        json.put("sha", null);
        json.put("docker_label", null);
        json.put(
                "models",
                models.all().stream().map(model -> model.use(InfoRoutes::describe)).toList());
        exchange.json((Object) json);
    }

    private static Map<String, Object> describe(LoadedModel model) {
        var pipeline = model.pipeline();
        var json = new LinkedHashMap<String, Object>();
        json.put("model_id", model.name());
        json.put("model_sha", null);
        json.put("model_dtype", dtype(pipeline.precision().toString()));
        json.put("served_model_name", model.name());
        json.put("model_type", Map.of("embedding", Map.of("pooling", pipeline.pooling())));
        json.put("max_input_length", pipeline.maxLength());
        json.put("max_batch_tokens", pipeline.batchTokens());
        json.put("max_batch_requests", null);
        json.put("embedding_dimensions", pipeline.dimensions());
        json.put("device", pipeline.device().toString());
        json.put("prompts", pipeline.tokenizer().prompts());
        json.put("examples", model.examples() != null);
        json.put("tasks", model.tasks().stream().map(InfoRoutes::describe).toList());
        return json;
    }

    private static String dtype(String precision) {
        return switch (precision.toLowerCase(Locale.ROOT)) {
            case "fp32" -> "float32";
            default -> precision.toLowerCase(Locale.ROOT);
        };
    }

    private static Map<String, Object> describe(TaskInfo task) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", task.name());
        json.put("gives", task.kind().text());
        json.put("texts", task.texts());
        json.put("labels", task.labels());
        return json;
    }

    private void reload(Exchange exchange) {
        var name = exchange.hasBody() ? exchange.body().text("model") : null;
        List<ServedModel> which =
                name == null ? new ArrayList<>(models.all()) : List.of(models.get(name));
        var done = new ArrayList<String>();
        for (var model : which) {
            try {
                model.reload();
            } catch (RuntimeException e) { // its message names paths, which are not for clients
                LOG.error("model {} cannot be loaded again", model.name(), e);
                throw ApiException.cannot(
                        "model '%s' cannot be loaded again, see the server's log; the version before goes on serving"
                                .formatted(model.name()));
            }
            done.add(model.name());
        }
        exchange.json((Object) Map.of("reloaded", done));
    }
}
