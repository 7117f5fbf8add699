package dev.mtl.core.model;

import com.fasterxml.jackson.core.JsonProcessingException;

import dev.mtl.core.store.ModelStore;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The YAML that a model card begins with, which the Hugging Face hub reads.
 *
 * @see <a href="https://huggingface.co/docs/hub/model-cards">model cards</a>
 */
final class CardMetadata {
    private final StringBuilder text = new StringBuilder("---\n");

    private CardMetadata() {}

    static String of(String name, ModelMetadata about) {
        var types = about.model().tasks().values().stream().map(Task::type).toList();
        var tags = new ArrayList<>(List.of("mtl", "multi-task-learning", "bert"));
        tags.addAll(new TreeSet<>(types));
        var metadata = new CardMetadata();
        metadata.add("library_name", "sentence-transformers");
        metadata.add("pipeline_tag", "feature-extraction");
        metadata.add("tags", tags);
        ModelStore.hubName(about.backbone()).ifPresent(hub -> metadata.add("base_model", hub));
        about.scores()
                .ifPresent(
                        scores -> {
                            var index = object("name", name);
                            index.put("results", results(about.model(), scores));
                            metadata.add("model-index", List.of(index));
                        });
        return metadata.text.append("---\n").toString();
    }

    /** Every JSON value is YAML. */
    private void add(String key, Object value) {
        try {
            text.append(key + ": " + ModelFiles.JSON.writeValueAsString(value) + "\n");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Map<String, Object>> results(
            MultiTaskModel model, ModelWriter.Scores scores) {
        var results = new ArrayList<Map<String, Object>>();
        scores.tasks()
                .forEach(
                        (task, own) -> {
                            var type = object("type", model.task(task).type());
                            type.put("name", task);
                            var data = object("type", task);
                            data.put("name", "validation data of " + task);
                            var metrics = new ArrayList<Map<String, Object>>();
                            own.forEach(
                                    (metric, value) -> {
                                        var entry = object("type", metric);
                                        entry.put("value", value);
                                        metrics.add(entry);
                                    });
                            var result = object("task", type);
                            result.put("dataset", data);
                            result.put("metrics", metrics);
                            results.add(result);
                        });
        return results;
    }

    private static Map<String, Object> object(String key, Object value) {
        var object = new LinkedHashMap<String, Object>();
        object.put(key, value);
        return object;
    }
}
