package dev.mtl.server.api;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.http.Json;
import dev.mtl.server.model.ServedModels;
import dev.mtl.server.model.Vectors;

import io.helidon.webserver.http.HttpRouting;

import java.util.ArrayList;

/** {@code /embed}, {@code /embed_all} and {@code /similarity} of text-embeddings-inference. */
public final class EmbedRoutes {
    private final ServedModels models;

    public EmbedRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        // huggingface_hub's InferenceClient asks the address that it is given.
        routing.post("/", gate.handler(Access.KEY, this::embed))
                .post("/embed", gate.handler(Access.KEY, this::embed))
                .post("/embed_all", gate.handler(Access.KEY, this::embedAll))
                .post("/embed_sparse", gate.handler(Access.KEY, EmbedRoutes::embedSparse))
                .post("/similarity", gate.handler(Access.KEY, this::similarity));
    }

    private void embed(Exchange exchange) {
        var body = exchange.body();
        var inputs = Inputs.read(body, "inputs", exchange.limits().maxInputs()).count(exchange);
        var how = Embedding.read(body);
        var model = models.get(body.text("model"));
        var rows = exchange.compute(() -> model.use(m -> how.of(inputs.texts(m, exchange), m)));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    for (var row : rows) {
                        Json.write(to, row);
                    }
                    to.writeEndArray();
                });
    }

    private void embedAll(Exchange exchange) {
        var body = exchange.body();
        var inputs = Inputs.read(body, "inputs", exchange.limits().maxInputs()).count(exchange);
        var how = Embedding.read(body);
        var model = models.get(body.text("model"));
        var texts =
                exchange.compute(() -> model.use(m -> how.ofTokens(inputs.texts(m, exchange), m)));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    for (var tokens : texts) {
                        to.writeStartArray();
                        for (var row : tokens) {
                            Json.write(to, row);
                        }
                        to.writeEndArray();
                    }
                    to.writeEndArray();
                });
    }

    private static void embedSparse(Exchange exchange) {
        throw ApiException.cannot("Model is not an embedding model with SPLADE pooling");
    }

    private void similarity(Exchange exchange) {
        var body = exchange.body();
        var inputs = body.object("inputs");
        if (inputs == null) {
            throw ApiException.invalid("missing field `inputs`");
        }
        var texts = new ArrayList<String>();
        texts.add(inputs.requireText("source_sentence"));
        var sentences = inputs.texts("sentences");
        if (sentences == null || sentences.isEmpty()) {
            throw ApiException.empty("`inputs.sentences` cannot be empty");
        }
        texts.addAll(sentences);
        Inputs.requireSize(texts.size(), "inputs.sentences", exchange.limits().maxInputs());
        for (var text : texts) {
            if (text.isEmpty()) {
                throw ApiException.empty("`inputs` cannot be empty");
            }
            Inputs.requireLength(text, "inputs", exchange);
        }
        exchange.inputs(true, texts.stream().mapToInt(String::length).sum());
        var parameters = body.object("parameters");
        var how = parameters == null ? Embedding.normalized(null) : Embedding.read(parameters);
        var model = models.get(body.text("model"));
        var rows = exchange.compute(() -> model.use(m -> how.of(texts, m)));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    var source = Vectors.normalized(rows[0]);
                    for (int i = 1; i < rows.length; i++) {
                        to.writeNumber((float) Vectors.dot(source, Vectors.normalized(rows[i])));
                    }
                    to.writeEndArray();
                });
    }
}
