package dev.mtl.server.api;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.pipeline.Analysis;
import dev.mtl.server.api.OipOutputs.Output;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.http.ErrorType;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModel;
import dev.mtl.server.model.ServedModels;

import io.helidon.webserver.http.HttpRouting;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The Open Inference Protocol, version 2 of KServe's: texts are inputs of datatype {@code BYTES}.
 * One input holds texts; two of the same length hold pairs.
 */
public final class OipRoutes {
    /** The only version of a model that is served. */
    private static final String VERSION = "1";

    private final ServedModels models;
    private final String version;

    /**
     * @param version of this program
     */
    public OipRoutes(ServedModels models, String version) {
        this.models = models;
        this.version = version;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.get("/v2", gate.handler(Access.PUBLIC, this::server))
                .get("/v2/health/live", gate.handler(Access.PUBLIC, e -> e.json(live())))
                .get("/v2/health/ready", gate.handler(Access.PUBLIC, OipRoutes::ready));
        for (var path : List.of("/v2/models/{name}", "/v2/models/{name}/versions/{version}")) {
            routing.get(path, gate.handler(Access.KEY, this::metadata))
                    .get(path + "/ready", gate.handler(Access.KEY, this::modelReady))
                    .post(path + "/infer", gate.handler(Access.KEY, this::infer));
        }
    }

    private void server(Exchange exchange) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", "mtl");
        json.put("version", version);
        json.put("extensions", List.of());
        exchange.json((Object) json);
    }

    private static Object live() {
        return Map.of("live", true);
    }

    private static void ready(Exchange exchange) {
        if (exchange.isDraining()) {
            throw new ApiException(ErrorType.UNHEALTHY, "the server is shutting down");
        }
        exchange.json((Object) Map.of("ready", true));
    }

    private ServedModel model(Exchange exchange) {
        var path = exchange.parameters();
        if (path.containsKey("version") && !VERSION.equals(path.get("version"))) {
            throw new ApiException(
                    ErrorType.NO_MODEL, "no version " + path.get("version") + ", only " + VERSION);
        }
        return models.get(path.get("name"));
    }

    private void modelReady(Exchange exchange) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", model(exchange).name());
        json.put("ready", true);
        exchange.json((Object) json);
    }

    private void metadata(Exchange exchange) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", model(exchange).name());
        json.put("versions", List.of(VERSION));
        json.put("platform", "mtl");
        json.put(
                "inputs",
                List.of(Map.of("name", "text", "datatype", "BYTES", "shape", List.of(-1))));
        json.put(
                "outputs",
                model(exchange)
                        .use(
                                m ->
                                        OipOutputs.of(m, 0).values().stream()
                                                .map(OipOutputs::describe)
                                                .toList()));
        exchange.json((Object) json);
    }

    private void infer(Exchange exchange) {
        var body = exchange.body();
        var model = model(exchange);
        var id = body.text("id");
        var examples = examples(body, exchange);
        var wanted = wanted(body.get("outputs"));
        exchange.inputs(
                examples.size() > 1,
                examples.stream().flatMap(List::stream).mapToInt(String::length).sum());
        var answer = exchange.compute(() -> model.use(m -> answer(examples, wanted, m)));
        exchange.answer(
                to -> {
                    to.writeStartObject();
                    to.writeStringField("model_name", model.name());
                    to.writeStringField("model_version", VERSION);
                    if (id != null) {
                        to.writeStringField("id", id);
                    }
                    to.writeArrayFieldStart("outputs");
                    for (var output : answer.outputs()) {
                        to.writeStartObject();
                        to.writeStringField("name", output.name());
                        to.writeArrayFieldStart("shape");
                        to.writeNumber(examples.size());
                        if (output.width() > 0) {
                            to.writeNumber(output.width());
                        }
                        to.writeEndArray();
                        to.writeStringField("datatype", output.datatype());
                        to.writeArrayFieldStart("data");
                        for (var analysis : answer.analyses()) {
                            output.values().write(to, analysis);
                        }
                        to.writeEndArray();
                        to.writeEndObject();
                    }
                    to.writeEndArray();
                    to.writeEndObject();
                });
    }

    private record Answer(List<Output> outputs, List<Analysis> analyses) {}

    private static Answer answer(
            List<List<String>> examples, @Nullable List<String> wanted, LoadedModel model) {
        var all = OipOutputs.of(model, examples.getFirst().size());
        var outputs = new ArrayList<Output>();
        for (var name : wanted == null ? all.keySet() : wanted) {
            var output = all.get(name);
            if (output == null) {
                throw ApiException.invalid("no output '" + name + "'; there are " + all.keySet());
            }
            outputs.add(output);
        }
        if (outputs.isEmpty()) {
            throw ApiException.invalid("the model has no task for pairs of texts");
        }
        var tasks = new LinkedHashSet<String>();
        outputs.stream().map(Output::task).filter(task -> !task.isEmpty()).forEach(tasks::add);
        return new Answer(outputs, model.pipeline().analyzeExamples(examples, tasks));
    }

    private static @Nullable List<String> wanted(@Nullable JsonNode outputs) {
        if (outputs == null) {
            return null;
        }
        if (!outputs.isArray()) {
            throw ApiException.invalid("`outputs` must be an array");
        }
        var names = new ArrayList<String>();
        outputs.forEach(output -> names.add(Body.text(output.path("name"), "outputs.name")));
        return names.isEmpty() ? null : names;
    }

    /** The texts of the inputs: the first texts of all examples are in the first input. */
    private static List<List<String>> examples(Body body, Exchange exchange) {
        var inputs = body.require("inputs");
        if (!inputs.isArray() || inputs.isEmpty() || inputs.size() > 2) {
            throw ApiException.invalid("`inputs` must be one input of texts, or two of pairs");
        }
        var columns = new ArrayList<List<String>>();
        for (var input : inputs) {
            if (!input.path("datatype").asText().equals("BYTES")) {
                throw ApiException.invalid("the datatype of texts is BYTES");
            }
            var texts = new ArrayList<String>();
            flatten(input.path("data"), texts);
            requireShape(input.path("shape"), texts.size());
            columns.add(texts);
        }
        int size = columns.getFirst().size();
        Inputs.requireSize(size, "data", exchange.limits().maxInputs());
        if (columns.getLast().size() != size) {
            throw ApiException.invalid("the two inputs of pairs have different sizes");
        }
        var examples = new ArrayList<List<String>>(size);
        for (int i = 0; i < size; i++) {
            var texts = new ArrayList<String>();
            for (var column : columns) {
                texts.add(Inputs.requireLength(column.get(i), "data", exchange));
            }
            examples.add(texts);
        }
        return examples;
    }

    private static void flatten(JsonNode data, List<String> to) {
        if (data.isArray()) {
            data.forEach(each -> flatten(each, to));
        } else {
            to.add(Body.text(data, "data"));
        }
    }

    private static void requireShape(JsonNode shape, int size) {
        long product = shape.isArray() && !shape.isEmpty() ? 1 : -1;
        for (var dimension : shape) {
            if (!dimension.isInt() || dimension.intValue() < 0) {
                throw ApiException.invalid("`shape` must be an array of sizes");
            }
            product =
                    Math.multiplyHigh(product, dimension.longValue()) == 0
                            ? product * dimension.longValue()
                            : Long.MAX_VALUE;
        }
        if (product != size) {
            throw ApiException.invalid("`shape` does not have as many elements as `data`");
        }
    }
}
