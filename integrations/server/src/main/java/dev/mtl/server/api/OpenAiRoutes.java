package dev.mtl.server.api;

import com.fasterxml.jackson.core.JsonGenerator;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.http.Json;
import dev.mtl.server.model.ServedModel;
import dev.mtl.server.model.ServedModels;

import io.helidon.webserver.http.HttpRouting;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Base64;

/** {@code /v1/embeddings} and {@code /v1/models} of OpenAI. */
public final class OpenAiRoutes {
    /** OpenAI's own limit; clients send large batches. */
    private static final int MAX_INPUTS = 2048;

    private final ServedModels models;
    private final long created = Instant.now().getEpochSecond();

    public OpenAiRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.post("/v1/embeddings", gate.handler(Access.KEY, this::embeddings))
                .post("/embeddings", gate.handler(Access.KEY, this::embeddings))
                .get("/v1/models", gate.handler(Access.KEY, this::models))
                .get("/v1/models/{name}", gate.handler(Access.KEY, this::model));
    }

    private void embeddings(Exchange exchange) {
        var body = exchange.body();
        var inputs =
                Inputs.read(body, "input", Math.max(MAX_INPUTS, exchange.limits().maxInputs()))
                        .count(exchange);
        boolean base64 = isBase64(body);
        var how = Embedding.normalized(body.count("dimensions"));
        var model = models.get(body.text("model"));
        var rows = exchange.compute(() -> model.use(m -> how.of(inputs.texts(m, exchange), m)));
        int tokens = exchange.times().tokens();
        exchange.answer(
                to -> {
                    to.writeStartObject();
                    to.writeStringField("object", "list");
                    to.writeArrayFieldStart("data");
                    for (int i = 0; i < rows.length; i++) {
                        to.writeStartObject();
                        to.writeStringField("object", "embedding");
                        to.writeFieldName("embedding");
                        write(to, rows[i], base64);
                        to.writeNumberField("index", i);
                        to.writeEndObject();
                    }
                    to.writeEndArray();
                    to.writeStringField("model", model.name());
                    to.writeObjectFieldStart("usage");
                    to.writeNumberField("prompt_tokens", tokens);
                    to.writeNumberField("total_tokens", tokens);
                    to.writeEndObject();
                    to.writeEndObject();
                });
    }

    private static boolean isBase64(Body body) {
        var format = body.text("encoding_format");
        return switch (format == null ? "float" : format) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw ApiException.invalid("`encoding_format` is float or base64");
        };
    }

    private static void write(JsonGenerator to, float[] row, boolean base64) throws IOException {
        if (!base64) {
            Json.write(to, row);
            return;
        }
        var bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        to.writeString(Base64.getEncoder().encodeToString(bytes.array()));
    }

    private void models(Exchange exchange) {
        exchange.json(
                to -> {
                    to.writeStartObject();
                    to.writeStringField("object", "list");
                    to.writeArrayFieldStart("data");
                    for (var model : models.all()) {
                        write(to, model);
                    }
                    to.writeEndArray();
                    to.writeEndObject();
                });
    }

    private void model(Exchange exchange) {
        var model = models.get(exchange.parameter("name"));
        exchange.json(to -> write(to, model));
    }

    private void write(JsonGenerator to, ServedModel model) throws IOException {
        to.writeStartObject();
        to.writeStringField("id", model.name());
        to.writeStringField("object", "model");
        to.writeNumberField("created", created);
        to.writeStringField("owned_by", "mtl");
        to.writeEndObject();
    }
}
