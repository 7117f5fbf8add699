package dev.mtl.core.model;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.internal.MissingHead;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The heads of a model's directory: {@code heads/TASK/head.json} and {@code head.safetensors}. Up
 * to format 1 all stood in {@code mtl.json} and {@code heads.safetensors}.
 */
final class HeadFiles {
    private static final String FOLDER = "heads";
    private static final String JSON = "head.json";
    private static final String WEIGHTS = "head.safetensors";
    private static final String ALL_WEIGHTS = "heads.safetensors";

    private final Path directory;

    HeadFiles(Path directory) {
        this.directory = directory;
    }

    void write(Task task, Parameters parameters) throws IOException {
        var folder = Files.createDirectories(directory.resolve(FOLDER).resolve(task.name()));
        var json = new LinkedHashMap<String, Object>();
        json.put("head", task.type());
        json.put("head_class", task.headClass().getName());
        json.put("input", input(task.head().inputs()));
        if (!task.layers().isLast()) {
            json.put("layers", task.layers().inYaml());
        }
        json.put("settings", SettingsJson.of(task.settings()));
        json.put("labels", task.labels());
        ModelFiles.write(folder.resolve(JSON), json);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var spec : task.head().parameters()) {
            tensors.put(spec.name(), parameters.in(task.prefix()).get(spec.name()));
        }
        ParameterWriter.write(folder.resolve(WEIGHTS), tensors);
    }

    /** For readers of the file: one name, or several; not read back. */
    private static Object input(Set<HeadInput> inputs) {
        var names = inputs.stream().sorted().toList();
        return names.size() == 1 ? names.getFirst() : names;
    }

    /**
     * Reads a task.
     *
     * @param entry of {@code mtl.json}: its name, or up to format 1 all of it
     * @param sentenceSize the length of a sentence embedding
     * @param settings by task, instead of those that were written
     */
    Task read(
            JsonNode entry,
            HeadRegistry heads,
            BertConfig config,
            int sentenceSize,
            Map<String, Record> settings) {
        if (entry.isObject()) {
            return read(
                    directory.resolve(ModelFiles.TASKS),
                    entry.path("name").asText(),
                    entry,
                    heads,
                    config,
                    sentenceSize,
                    settings);
        }
        var file = directory.resolve(FOLDER).resolve(entry.asText()).resolve(JSON);
        return read(
                file,
                entry.asText(),
                JsonFiles.readObject(file),
                heads,
                config,
                sentenceSize,
                settings);
    }

    private static Task read(
            Path file,
            String name,
            JsonNode json,
            HeadRegistry heads,
            BertConfig config,
            int sentenceSize,
            Map<String, Record> replaced) {
        var type = json.path("head").asText();
        if (!heads.types().contains(type)) {
            var headClass = json.path("head_class").asText();
            throw new ConfigurationException(
                    file
                            + ": task '"
                            + name
                            + "' needs the head '"
                            + type
                            + (headClass.isEmpty() ? "'" : "' (" + headClass + ")")
                            + ", which is not among "
                            + heads.types()
                            + "; "
                            + MissingHead.ADVICE);
        }
        var provider = heads.provider(type);
        try {
            var other = replaced.get(name);
            Record settings =
                    other != null
                            ? other
                            : ModelFiles.JSON.treeToValue(
                                    json.path("settings"), provider.defaults().getClass());
            var labels = new ArrayList<String>();
            json.path("labels").forEach(label -> labels.add(label.asText()));
            return Task.create(
                            provider,
                            settings,
                            new HeadContext(
                                    name,
                                    config.hiddenSize(),
                                    sentenceSize,
                                    labels,
                                    config.vocabulary()))
                    .withLayers(layers(json.path("layers")), config.numHiddenLayers());
        } catch (IOException | IllegalArgumentException e) {
            throw new MtlException(file + ": task '" + name + "': " + e.getMessage(), e);
        }
    }

    private static LayerMix layers(JsonNode json) {
        if (!json.isArray()) {
            return json.asText().equals("all") ? LayerMix.ALL : LayerMix.LAST;
        }
        var layers = new ArrayList<Integer>();
        json.forEach(layer -> layers.add(layer.asInt()));
        return new LayerMix(false, layers);
    }

    /** Reads the weights of a task's head, by their names in the model. */
    void readWeights(
            Task task, Device device, TensorScope owner, SequencedMap<String, Tensor> tensors) {
        var own = directory.resolve(FOLDER).resolve(task.name()).resolve(WEIGHTS);
        var all = directory.resolve(ALL_WEIGHTS);
        boolean together = !Files.exists(own) && Files.exists(all);
        var file = together ? all : own;
        try (var reader = SafetensorsReader.open(file);
                var _ = TensorScope.open()) {
            for (var spec : task.head().parameters()) {
                var name = task.prefix() + "." + spec.name();
                var read = ParameterReader.read(reader, together ? name : spec.name(), spec);
                tensors.put(name, owner.take(read.to(device)));
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
    }
}
