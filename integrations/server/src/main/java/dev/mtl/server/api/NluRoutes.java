package dev.mtl.server.api;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.pipeline.Analysis;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModels;
import dev.mtl.server.model.TaskInfo;

import io.helidon.webserver.http.HttpRouting;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code /nlu}: every answer of a model about texts or pairs, from one pass. {@code /nearest}: the
 * examples of the server that are nearest to a text.
 */
public final class NluRoutes {
    private static final int NEAREST = 5;
    private static final int MOST_NEAREST = 100;

    private final ServedModels models;

    public NluRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.post("/nlu", gate.handler(Access.KEY, this::nlu))
                .post("/nearest", gate.handler(Access.KEY, this::nearest));
    }

    private void nlu(Exchange exchange) {
        var body = exchange.body();
        var inputs = body.require("inputs");
        var examples = examples(inputs, exchange);
        exchange.inputs(
                inputs.isArray(),
                examples.stream().flatMap(List::stream).mapToInt(String::length).sum());
        var tasks = body.texts("tasks");
        var topK = body.count("top_k");
        boolean embedding = body.flag("embedding", false);
        boolean codePoints = inCodePoints(body);
        var model = models.get(body.text("model"));
        var analyses = exchange.compute(() -> model.use(m -> analyze(examples, tasks, m)));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    for (var analysis : analyses) {
                        to.writeStartObject();
                        to.writePOJOField("tasks", predictions(analysis, topK, codePoints));
                        if (embedding) {
                            var rows = analysis.embeddings();
                            to.writePOJOField(
                                    rows.size() > 1 ? "embeddings" : "embedding",
                                    rows.size() > 1 ? rows : rows.getFirst());
                        }
                        to.writeEndObject();
                    }
                    to.writeEndArray();
                });
    }

    private static boolean inCodePoints(Body body) {
        var offsets = body.text("offsets");
        return switch (offsets == null ? "utf16" : offsets) {
            case "utf16" -> false;
            case "codepoint" -> true;
            default -> throw ApiException.invalid("`offsets` is utf16 or codepoint");
        };
    }

    private static List<List<String>> examples(JsonNode inputs, Exchange exchange) {
        if (inputs.isTextual()) {
            return List.of(example(inputs, exchange));
        }
        if (!inputs.isArray()) {
            throw ApiException.invalid(
                    "`inputs` must be a string, an array of strings, or an array of pairs");
        }
        Inputs.requireSize(inputs.size(), "inputs", exchange.limits().maxInputs());
        var examples = new ArrayList<List<String>>(inputs.size());
        for (var input : inputs) {
            examples.add(example(input, exchange));
            if (examples.getLast().size() != examples.getFirst().size()) {
                throw ApiException.invalid("`inputs` has texts and pairs: send them apart");
            }
        }
        return examples;
    }

    private static List<String> example(JsonNode json, Exchange exchange) {
        if (json.isArray() && (json.isEmpty() || json.size() > 2)) {
            throw ApiException.invalid("an input of `inputs` is a text or a pair of texts");
        }
        var texts =
                json.isArray() ? Body.texts(json, "inputs") : List.of(Body.text(json, "inputs"));
        texts.forEach(text -> Inputs.requireLength(text, "inputs", exchange));
        return texts;
    }

    private static List<Analysis> analyze(
            List<List<String>> examples, @Nullable List<String> asked, LoadedModel model) {
        int texts = examples.getFirst().size();
        var able = model.tasksOf(texts).stream().map(TaskInfo::name).toList();
        if (able.isEmpty() && texts > 1) {
            throw ApiException.cannot("the model has no task for pairs of texts");
        }
        if (asked != null && !able.containsAll(asked)) {
            throw ApiException.invalid("`tasks` may have " + able);
        }
        return model.pipeline().analyzeExamples(examples, asked == null ? able : asked);
    }

    private static Map<String, Object> predictions(
            Analysis analysis, @Nullable Integer topK, boolean codePoints) {
        var byTask = new LinkedHashMap<String, Object>();
        analysis.predictions()
                .forEach(
                        (task, prediction) -> {
                            var json = topK == null ? prediction.toJson() : prediction.toJson(topK);
                            byTask.put(
                                    task,
                                    codePoints ? CodePoints.convert(json, analysis.text()) : json);
                        });
        return byTask;
    }

    private void nearest(Exchange exchange) {
        var body = exchange.body();
        var text = Inputs.requireLength(body.requireText("inputs"), "inputs", exchange);
        exchange.inputs(false, text.length());
        int count =
                Math.min(MOST_NEAREST, Objects.requireNonNullElse(body.count("top_k"), NEAREST));
        var model = models.get(body.text("model"));
        var near =
                exchange.compute(
                        () ->
                                model.use(
                                        m -> {
                                            var examples = m.examples();
                                            if (examples == null) {
                                                throw ApiException.cannot(
                                                        "this server has no examples");
                                            }
                                            var row = m.pipeline().embed(List.of(text), null)[0];
                                            return examples.nearest(row, count);
                                        }));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    for (var each : near) {
                        to.writeStartObject();
                        to.writeStringField("text", each.example().text());
                        if (each.example().label() != null) {
                            to.writeStringField("label", each.example().label());
                        }
                        to.writeNumberField("score", (float) each.score());
                        to.writeEndObject();
                    }
                    to.writeEndArray();
                });
    }
}
