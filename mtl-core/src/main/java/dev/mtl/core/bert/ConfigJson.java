package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.internal.JsonFiles;
import dev.mtl.core.store.ModelDirectory;

/** A backbone's {@code config.json}, to be written again beside our weights. */
public final class ConfigJson {
    private ConfigJson() {}

    /**
     * The configuration of a model, as of weights without a head in FLOAT32: where it names another
     * type, transformers would round ours to it.
     *
     * @throws dev.mtl.core.MtlException if it cannot be read
     */
    public static ObjectNode of(ModelDirectory source) {
        var config = JsonFiles.readObject(source.config());
        var type = BertConfig.read(source.config()).modelType();
        config.putArray("architectures").add(type.transformersClass("Model"));
        config.remove("torch_dtype");
        return config.put("dtype", "float32");
    }
}
