package dev.mtl.core.adapter;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** PEFT's {@code adapter_config.json}. */
final class AdapterJson {
    /** What changes the computation and is not computed here, unless it is empty or off. */
    private static final List<String> NOT_COMPUTED =
            List.of(
                    "use_dora",
                    "use_bdlora",
                    "use_qalora",
                    "fan_in_fan_out",
                    "lora_bias",
                    "modules_to_save",
                    "rank_pattern",
                    "alpha_pattern",
                    "target_parameters",
                    "trainable_token_indices",
                    "layer_replication",
                    "alora_invocation_tokens");

    private final Path file;
    private final JsonNode json;

    AdapterJson(Path file) {
        this.file = file;
        json = JsonFiles.readObject(file);
    }

    Lora lora() {
        if (!json.path("peft_type").asText().equals("LORA")) {
            throw new MtlException(
                    file + ": peft_type is " + json.path("peft_type") + ", only LORA is read");
        }
        for (var key : NOT_COMPUTED) {
            if (isOn(json.path(key))) {
                throw new MtlException(
                        file
                                + ": "
                                + key
                                + " is "
                                + json.path(key)
                                + ", which is not computed here; merge the adapter with PEFT"
                                + " (merge_and_unload) and use the model that it gives");
            }
        }
        if (json.has("bias") && !json.path("bias").asText().equals("none")) {
            throw new MtlException(
                    file + ": bias is " + json.path("bias") + "; only adapters with none are read");
        }
        int rank = json.path("r").asInt();
        double alpha = json.path("lora_alpha").asDouble();
        try {
            return new Lora(
                    rank,
                    // rank-stabilized: alpha / sqrt(rank)
                    json.path("use_rslora").asBoolean() ? alpha * Math.sqrt(rank) : alpha,
                    targets(json.path("target_modules")),
                    json.path("lora_dropout").asDouble());
        } catch (IllegalArgumentException e) {
            throw new MtlException(file + ": " + e.getMessage(), e);
        }
    }

    private static boolean isOn(JsonNode value) {
        return value.isContainerNode() ? !value.isEmpty() : value.asBoolean() || value.isTextual();
    }

    private static List<String> targets(JsonNode modules) {
        var targets = new ArrayList<String>();
        modules.forEach(module -> targets.add(module.asText()));
        return targets.isEmpty() ? List.of(modules.asText(Lora.ALL_LINEAR)) : targets;
    }
}
