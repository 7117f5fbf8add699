package dev.mtl.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.store.ModelDirectory;

import java.io.IOException;
import java.nio.file.Path;

/** A backbone's {@code config.json}, to be written again beside our weights. */
public final class ConfigJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ConfigJson() {}

    /**
     * The configuration of a model, as of weights without a head in FLOAT32: where it names another
     * type, transformers would round ours to it.
     *
     * @throws MtlException if it cannot be read
     */
    public static ObjectNode of(ModelDirectory source) {
        var config = read(source.config());
        var type = BertConfig.read(source.config()).modelType();
        config.putArray("architectures").add(type.transformersClass("Model"));
        config.remove("torch_dtype");
        return config.put("dtype", "float32");
    }

    /**
     * Reads a JSON object.
     *
     * @throws MtlException if the file cannot be read or is something else
     */
    public static ObjectNode read(Path file) {
        try {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read as JSON: " + e.getMessage(), e);
        }
        throw new MtlException(file + ": is no JSON object");
    }
}
