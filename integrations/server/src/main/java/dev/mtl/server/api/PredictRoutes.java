package dev.mtl.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.Prediction;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModels;

import io.helidon.webserver.http.HttpRouting;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code /predict} of text-embeddings-inference: scored labels of texts or pairs. */
public final class PredictRoutes {
    private final ServedModels models;

    public PredictRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.post("/predict", gate.handler(Access.KEY, this::predict));
    }

    private void predict(Exchange exchange) {
        var body = exchange.body();
        var inputs = body.require("inputs");
        boolean batch = inputs.isArray() && !inputs.isEmpty() && inputs.get(0).isArray();
        var examples = examples(inputs, batch);
        Inputs.requireSize(examples.size(), "inputs", exchange.limits().maxInputs());
        int characters = 0;
        for (var example : examples) {
            for (var text : example) {
                characters += Inputs.requireLength(text, "inputs", exchange).length();
            }
        }
        exchange.inputs(batch, characters);
        boolean raw = body.flag("raw_scores", false);
        var how =
                new Embedding(
                        body.flag("truncate", true), Embedding.cutsStart(body), null, false, null);
        var task = body.text("task");
        var model = models.get(body.text("model"));
        var predictions =
                exchange.compute(() -> model.use(m -> predictions(examples, how, task, m)));
        exchange.answer(
                to -> {
                    if (batch) {
                        to.writeStartArray();
                    }
                    for (var prediction : predictions) {
                        write(to, prediction, raw);
                    }
                    if (batch) {
                        to.writeEndArray();
                    }
                });
    }

    private static List<List<String>> examples(JsonNode inputs, boolean batch) {
        if (inputs.isTextual()) {
            return List.of(List.of(requireContent(Body.text(inputs, "inputs"))));
        }
        if (!inputs.isArray()) {
            throw notInputs();
        }
        if (!batch) {
            return inputs.isEmpty() ? List.of() : List.of(example(inputs));
        }
        var examples = new ArrayList<List<String>>(inputs.size());
        inputs.forEach(each -> examples.add(example(each)));
        return examples;
    }

    private static List<String> example(JsonNode json) {
        if (!json.isArray() || json.isEmpty() || json.size() > 2) {
            throw notInputs();
        }
        var texts = Body.texts(json, "inputs");
        texts.forEach(PredictRoutes::requireContent);
        return texts;
    }

    private static String requireContent(String text) {
        if (text.isEmpty()) {
            throw ApiException.empty("`inputs` cannot be empty");
        }
        return text;
    }

    private static ApiException notInputs() {
        return ApiException.invalid(
                "`inputs` must be a string, a pair of strings [string, string] or a batch of mixed"
                        + " strings and pairs [[string], [string, string], ...]");
    }

    /** Predictions of one task for texts, of one for pairs, in the order of the examples. */
    private static List<Prediction> predictions(
            List<List<String>> examples, Embedding how, @Nullable String name, LoadedModel model) {
        var predictions = new Prediction[examples.size()];
        for (int texts = 1; texts <= 2; texts++) {
            var indices = new ArrayList<Integer>();
            var some = new ArrayList<List<String>>();
            for (int i = 0; i < predictions.length; i++) {
                if (examples.get(i).size() == texts) {
                    indices.add(i);
                    some.add(how.readable(examples.get(i), model));
                }
            }
            if (some.isEmpty()) {
                continue;
            }
            var task =
                    Scores.task(
                                    model,
                                    name,
                                    texts,
                                    texts == 1
                                            ? "Model is not a classifier model"
                                            : "Model is not a classifier model of pairs")
                            .name();
            var answers = model.pipeline().analyzeExamples(some, List.of(task));
            for (int i = 0; i < answers.size(); i++) {
                predictions[indices.get(i)] = answers.get(i).prediction(task);
            }
        }
        return List.of(predictions);
    }

    private static void write(JsonGenerator to, Prediction prediction, boolean raw)
            throws IOException {
        to.writeStartArray();
        var labels =
                Scores.of(prediction).stream()
                        .sorted(Comparator.comparingDouble(label -> -label.score()))
                        .toList();
        for (var label : labels) {
            to.writeStartObject();
            to.writeNumberField(
                    "score", (float) (raw ? Scores.raw(label.score(), prediction) : label.score()));
            to.writeStringField("label", label.name());
            to.writeEndObject();
        }
        to.writeEndArray();
    }
}
