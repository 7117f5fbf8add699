package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

import dev.mtl.core.bert.RotaryConfig.Attention;

/**
 * The rotary frequencies in a {@code config.json}: {@code rope_parameters} of transformers 5, or
 * {@code rope_scaling} and a key for the base in older files.
 */
final class RopeParameters {
    private final ConfigReader reader;
    private final JsonNode json;

    RopeParameters(ConfigReader reader) {
        this.reader = reader;
        json = reader.json();
    }

    /**
     * Of layers of one type.
     *
     * @param olderKey of the base in older files
     * @param otherwise the base where the file has none
     */
    Attention ofLayers(String type, String olderKey, double otherwise, int reach) {
        var parameters = json.path("rope_parameters").path(type);
        double divisor = divisor("rope_parameters." + type, parameters);
        return new Attention(theta(parameters, olderKey, otherwise), divisor, reach);
    }

    /**
     * Of all layers.
     *
     * @param width d of each head
     */
    Attention ofAll(String olderKey, double otherwise, int width) {
        var scaling = json.path("rope_scaling");
        var parameters = json.path("rope_parameters");
        double theta = theta(parameters, olderKey, otherwise);
        if (type(scaling).equals("ntk")) {
            return ntk(theta, scaling, width);
        }
        double divisor =
                scaling.isObject()
                        ? divisor("rope_scaling", scaling)
                        : divisor("rope_parameters", parameters);
        return new Attention(theta, divisor, 0);
    }

    /** GTE's: a larger base, and frequencies divided by what the base does not do. */
    private Attention ntk(double theta, JsonNode scaling, int width) {
        double factor = factor("rope_scaling", scaling);
        if (scaling.path("mixed_b").isNumber()) {
            reader.fault("rope_scaling has mixed_b, which is not supported");
        }
        return new Attention(theta * factor, Math.pow(factor, 2.0 / width), 0);
    }

    private double theta(JsonNode parameters, String olderKey, double otherwise) {
        var theta = parameters.path("rope_theta");
        if (theta.isMissingNode()) {
            return reader.number(olderKey, otherwise);
        }
        if (!(theta.asDouble() > 0)) {
            reader.fault("rope_parameters has rope_theta " + theta);
        }
        return theta.asDouble();
    }

    private double divisor(String key, JsonNode parameters) {
        return switch (type(parameters)) {
            case "default" -> 1;
            case "linear" -> factor(key, parameters);
            case String type -> {
                reader.fault(
                        "%s has rope_type '%s'; supported: default, linear".formatted(key, type));
                yield 1;
            }
        };
    }

    private double factor(String key, JsonNode parameters) {
        double factor = parameters.path("factor").asDouble();
        if (!(factor > 0)) {
            reader.fault("%s has factor %s".formatted(key, parameters.path("factor")));
            return 1;
        }
        return factor;
    }

    private static String type(JsonNode parameters) {
        var type = parameters.path("rope_type");
        return (type instanceof MissingNode ? parameters.path("type") : type).asText("default");
    }

    /** Refuses scaled positions in an older key. */
    void requirePlain(String key) {
        if (json.path(key).isObject() && !type(json.path(key)).equals("default")) {
            reader.fault("%s has type '%s'".formatted(key, type(json.path(key))));
        }
    }
}
