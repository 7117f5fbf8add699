package dev.mtl.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.pipeline.PipelineTokenizer.Token;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModels;

import io.helidon.webserver.http.HttpRouting;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code /tokenize} and {@code /decode} of text-embeddings-inference. */
public final class TokenRoutes {
    private final ServedModels models;

    public TokenRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.post("/tokenize", gate.handler(Access.KEY, this::tokenize))
                .post("/decode", gate.handler(Access.KEY, this::decode));
    }

    private void tokenize(Exchange exchange) {
        var body = exchange.body();
        body.require("inputs");
        var given = body.texts("inputs");
        var texts = given == null ? List.<String>of() : given;
        Inputs.requireSize(texts.size(), "inputs", exchange.limits().maxInputs());
        texts.forEach(text -> Inputs.requireLength(text, "inputs", exchange));
        boolean special = body.flag("add_special_tokens", true);
        var how = new Embedding(true, false, body.text("prompt_name"), false, null);
        var model = models.get(body.text("model"));
        var tokens = exchange.compute(() -> model.use(m -> tokens(texts, special, how, m)));
        exchange.json(
                to -> {
                    to.writeStartArray();
                    for (var each : tokens) {
                        to.writeStartArray();
                        var bytes = utf8Offsets(each.text());
                        for (var token : each.tokens()) {
                            write(to, token, bytes[token.start()], bytes[token.end()]);
                        }
                        to.writeEndArray();
                    }
                    to.writeEndArray();
                });
    }

    /**
     * The tokens of a text.
     *
     * @param text with the prompt before it
     */
    private record Tokens(String text, List<Token> tokens) {}

    private static List<Tokens> tokens(
            List<String> texts, boolean special, Embedding how, LoadedModel model) {
        var tokenizer = model.pipeline().tokenizer();
        return how.readable(texts, model).stream()
                .map(
                        text ->
                                new Tokens(
                                        tokenizer.prompted(text, how.prompt()),
                                        tokenizer.tokenize(text, special, how.prompt())))
                .toList();
    }

    /** How many bytes of UTF-8 are before each character of a text, and before its end. */
    private static int[] utf8Offsets(String text) {
        var offsets = new int[text.length() + 1];
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            offsets[i + 1] = offsets[i] + utf8Bytes(c);
        }
        return offsets;
    }

    /** Of a character; half of those of a pair for each of its halves. */
    private static int utf8Bytes(char c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }

    private static void write(JsonGenerator to, Token token, int start, int stop)
            throws IOException {
        to.writeStartObject();
        to.writeNumberField("id", token.id());
        to.writeStringField("text", token.text());
        to.writeBooleanField("special", token.special());
        if (token.special()) {
            to.writeNullField("start");
            to.writeNullField("stop");
        } else {
            to.writeNumberField("start", start);
            to.writeNumberField("stop", stop);
        }
        to.writeEndObject();
    }

    private void decode(Exchange exchange) {
        var body = exchange.body();
        var ids = body.require("ids");
        boolean batch = ids.isArray() && !ids.isEmpty() && ids.get(0).isArray();
        var all = new ArrayList<long[]>();
        if (batch) {
            Inputs.requireSize(ids.size(), "ids", exchange.limits().maxInputs());
            ids.forEach(each -> all.add(requireIds(each)));
        } else {
            all.add(requireIds(ids));
        }
        boolean skip = body.flag("skip_special_tokens", true);
        var model = models.get(body.text("model"));
        var texts =
                exchange.compute(
                        () ->
                                model.use(
                                        m ->
                                                all.stream()
                                                        .map(
                                                                each ->
                                                                        m.pipeline()
                                                                                .tokenizer()
                                                                                .decode(each, skip))
                                                        .toList()));
        exchange.json((Object) texts);
    }

    private static long[] requireIds(JsonNode json) {
        if (!json.isArray() || json.isEmpty()) {
            throw ApiException.empty("`ids` cannot be empty");
        }
        for (var id : json) {
            if (!id.isIntegralNumber() || !id.canConvertToLong()) {
                throw ApiException.invalid("`ids` must be an array of token ids");
            }
        }
        return Inputs.ids(json);
    }
}
