package dev.mtl.core.model;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.pooling.modules.SentenceConfig;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What a model's directory says of it.
 *
 * @param backbone what it was trained from, as the user called it
 * @param origin the trained model that its training went on from
 * @param sentences the backbone's prompts, and how much of an embedding is kept
 * @param files that are kept beside the model, such as the configuration of its training
 */
record ModelMetadata(
        MultiTaskModel model,
        String backbone,
        Optional<ModelWriter.Scores> scores,
        Optional<ModelWriter.Origin> origin,
        SentenceConfig sentences,
        Set<String> files) {

    /** The version of MTL that writes. */
    String version() {
        return Objects.requireNonNullElse(
                ModelMetadata.class.getPackage().getImplementationVersion(), "development build");
    }

    /** {@code mtl.json}. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("format", ModelFiles.FORMAT);
        json.put("mtl_version", version());
        json.put("backbone", backbone);
        json.put("max_length", model.maxLength());
        var poolings = model.readout().poolings();
        json.put("pooling", poolings.size() == 1 ? poolings.getFirst() : poolings);
        json.put("normalization", model.readout().normalization());
        if (model.readout().truncateDim() != null) {
            json.put("truncate_dim", model.readout().truncateDim());
        }
        var prompt = model.tokenizer().prompt();
        if (prompt != null) {
            json.put("prompt", prompt.name());
        }
        json.put("tasks", List.copyOf(model.tasks().keySet()));
        scores.ifPresent(s -> json.put("scores", toJson(s, "validation")));
        origin.ifPresent(o -> json.put("init_from", o));
        json.put(
                "plugins",
                model.tasks().values().stream().flatMap(t -> plugin(t).stream()).toList());
        json.put("files", files.stream().sorted().toList());
        return json;
    }

    private static Map<String, Object> toJson(ModelWriter.Scores scores, String data) {
        var json = new LinkedHashMap<String, Object>();
        json.put("data", data);
        json.put("step", scores.step());
        json.put("texts", scores.texts());
        json.put("tasks", scores.tasks());
        scores.jointAccuracy().ifPresent(share -> json.put("joint_accuracy", share));
        if (scores.test() != null) {
            json.put("test", toJson(scores.test(), "test"));
        }
        return json;
    }

    /** What {@link #toJson} wrote of the scores. */
    static Optional<ModelWriter.Scores> scores(JsonNode json) {
        return Optional.ofNullable(ofSplit(json.path("scores")));
    }

    private static ModelWriter.@Nullable Scores ofSplit(JsonNode scores) {
        if (!scores.isObject()) {
            return null;
        }
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        for (var task : scores.path("tasks").properties()) {
            var values = new LinkedHashMap<String, Double>();
            task.getValue()
                    .properties()
                    .forEach(score -> values.put(score.getKey(), score.getValue().asDouble()));
            tasks.put(task.getKey(), values);
        }
        var joint = scores.get("joint_accuracy");
        return new ModelWriter.Scores(
                scores.path("step").asInt(),
                scores.path("texts").asInt(),
                tasks,
                joint == null ? OptionalDouble.empty() : OptionalDouble.of(joint.asDouble()),
                ofSplit(scores.path("test")));
    }

    /** The plugin that a task needs; the heads that ship have MTL's own class loader. */
    static Optional<Map<String, String>> plugin(Task task) {
        var type = task.head().getClass();
        if (Objects.equals(type.getClassLoader(), ModelMetadata.class.getClassLoader())) {
            return Optional.empty();
        }
        var plugin = new LinkedHashMap<String, String>();
        plugin.put("head", task.type());
        plugin.put("class", type.getName());
        plugin.put("jar", jar(type));
        return Optional.of(plugin);
    }

    /** The file's name alone: its folder is that of this machine. */
    private static String jar(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "unknown";
        }
        var path = source.getLocation().getPath().replaceFirst("/$", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
