package dev.mtl.server.api;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.model.LoadedModel;

import java.util.ArrayList;
import java.util.List;

/**
 * Texts of a request: {@code "t"}, {@code ["t", ..]}, and token ids in the place of a text.
 *
 * @param batch whether they came as a list
 */
record Inputs(List<JsonNode> values, String key, boolean batch) {
    /**
     * Reads texts or token ids.
     *
     * @param most as many inputs at most
     */
    static Inputs read(Body body, String key, int most) {
        var json = body.require(key);
        if (json.isTextual() || isIds(json)) {
            return new Inputs(List.of(json), key, false);
        }
        if (!json.isArray()) {
            throw ApiException.invalid("`" + key + "` must be a string or an array of strings");
        }
        requireSize(json.size(), key, most);
        var values = new ArrayList<JsonNode>(json.size());
        for (var value : json) {
            if (!value.isTextual() && !isIds(value)) {
                throw ApiException.invalid("`" + key + "` must be a string or an array of strings");
            }
            values.add(value);
        }
        return new Inputs(values, key, true);
    }

    /**
     * Refuses an empty batch, and one that is too large.
     *
     * @param most as many inputs at most
     */
    static void requireSize(int size, String key, int most) {
        if (size == 0) {
            throw ApiException.empty("`" + key + "` cannot be empty");
        }
        if (size > most) {
            throw ApiException.invalid(
                    "batch size " + size + " > maximum allowed batch size " + most);
        }
    }

    private static boolean isIds(JsonNode json) {
        if (!json.isArray() || json.isEmpty()) {
            return false;
        }
        for (var id : json) {
            if (!id.isIntegralNumber() || !id.canConvertToLong()) {
                return false;
            }
        }
        return true;
    }

    static long[] ids(JsonNode json) {
        var ids = new long[json.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = json.get(i).longValue();
        }
        return ids;
    }

    /** Counts the inputs. */
    Inputs count(Exchange exchange) {
        exchange.inputs(
                batch,
                values.stream()
                        .mapToInt(v -> v.isTextual() ? v.textValue().length() : v.size())
                        .sum());
        return this;
    }

    /**
     * The texts; token ids are decoded by a model. A text without characters is refused, as by
     * text-embeddings-inference and OpenAI.
     */
    List<String> texts(LoadedModel model, Exchange exchange) {
        var texts = new ArrayList<String>(values.size());
        for (var value : values) {
            var text =
                    value.isTextual()
                            ? Body.text(value, key)
                            : model.pipeline().tokenizer().decode(ids(value), true);
            if (text.isEmpty()) {
                throw ApiException.empty("`" + key + "` cannot be empty");
            }
            texts.add(requireLength(text, key, exchange));
        }
        return texts;
    }

    static String requireLength(String text, String key, Exchange exchange) {
        int most = exchange.limits().maxTextCharacters();
        if (text.length() > most) {
            throw ApiException.invalid(
                    "`%s` must have less than %d characters. Given: %d"
                            .formatted(key, most, text.length()));
        }
        return text;
    }
}
