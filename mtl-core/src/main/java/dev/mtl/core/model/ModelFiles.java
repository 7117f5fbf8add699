package dev.mtl.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.Bert;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.encoder.Readout;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.nn.ParameterReader;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.TextTokenizer;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A multi-task model as a directory: an ordinary Hugging Face and sentence-transformers model of
 * the backbone, and beside it {@code mtl.json} and {@code heads.safetensors} with the tasks.
 */
public final class ModelFiles {
    static final String TASKS = "mtl.json";
    static final String HEADS = "heads.safetensors";
    static final int FORMAT = 1;
    static final ObjectMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build();

    private ModelFiles() {}

    /**
     * A new model on a backbone, its heads drawn from the thread's random stream.
     *
     * @param tasks by name, in order
     */
    public static MultiTaskModel create(
            ModelDirectory backbone,
            Readout readout,
            int maxLength,
            SequencedMap<String, Task> tasks,
            Device device) {
        var config = BertConfig.read(backbone.config());
        var owner = TensorScope.shared();
        try (var _ = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            copy(BertWeights.load(backbone.weights(), config, device, owner), tensors);
            for (var task : tasks.values()) {
                for (var spec : task.specs()) {
                    tensors.put(
                            spec.name(),
                            owner.take(spec.initializer().make(spec.shape()).to(device)));
                }
            }
            return assemble(backbone, config, readout, maxLength, tasks, tensors, owner);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Loads what {@link ModelWriter} wrote.
     *
     * @param heads must have every head type that the model names
     * @throws ConfigurationException if it is no such directory, or a head type is missing
     * @throws MtlException if files are missing or damaged
     */
    public static MultiTaskModel load(Path directory, HeadRegistry heads, Device device) {
        if (!Files.exists(directory.resolve(TASKS))) {
            throw new ConfigurationException(
                    directory
                            + " is not a trained model: it has no "
                            + TASKS
                            + "; mtl train writes one");
        }
        var files = files(directory);
        var config = BertConfig.read(files.config());
        var json = read(directory.resolve(TASKS));
        if (json.path("format").asInt() != FORMAT) {
            throw new MtlException(
                    directory.resolve(TASKS)
                            + ": format "
                            + json.path("format")
                            + ", this version reads "
                            + FORMAT);
        }
        var tasks = new LinkedHashMap<String, Task>();
        for (var task : json.path("tasks")) {
            var name = task.path("name").asText();
            tasks.put(name, readTask(directory.resolve(TASKS), name, task, heads, config));
        }
        var readout =
                new Readout(
                        JSON.convertValue(json.path("pooling"), dev.mtl.core.encoder.Pooling.class),
                        JSON.convertValue(
                                json.path("normalization"),
                                dev.mtl.core.encoder.Normalization.class));
        var owner = TensorScope.shared();
        try {
            var tensors = new LinkedHashMap<String, Tensor>();
            copy(BertWeights.load(files.weights(), config, device, owner), tensors);
            readHeads(directory.resolve(HEADS), tasks, device, owner, tensors);
            return assemble(
                    files, config, readout, json.path("max_length").asInt(), tasks, tensors, owner);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /** The backbone's files of a directory that {@link ModelWriter} wrote. */
    public static ModelDirectory files(Path directory) {
        return new ModelDirectory(
                directory.toString(), directory, directory.resolve("tokenizer.json"));
    }

    private static MultiTaskModel assemble(
            ModelDirectory files,
            BertConfig config,
            Readout readout,
            int maxLength,
            SequencedMap<String, Task> tasks,
            SequencedMap<String, Tensor> tensors,
            TensorScope owner) {
        return new MultiTaskModel(
                new Bert(config),
                readout,
                TextTokenizer.load(files.tokenizerJson(), maxLength),
                maxLength,
                tasks,
                new Parameters(tensors),
                owner);
    }

    private static void copy(Parameters from, SequencedMap<String, Tensor> to) {
        from.names().forEach(name -> to.put(name, from.get(name)));
    }

    private static Task readTask(
            Path file, String name, JsonNode json, HeadRegistry heads, BertConfig config) {
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
                            + "; name the plugin that has it by --plugins JAR_OR_DIR");
        }
        var provider = heads.provider(type);
        try {
            Record settings =
                    JSON.treeToValue(json.path("settings"), provider.defaults().getClass());
            var labels = new ArrayList<String>();
            json.path("labels").forEach(label -> labels.add(label.asText()));
            return Task.create(name, provider, settings, labels, config.hiddenSize());
        } catch (IOException | IllegalArgumentException e) {
            throw new MtlException(file + ": task '" + name + "': " + e.getMessage(), e);
        }
    }

    private static void readHeads(
            Path file,
            SequencedMap<String, Task> tasks,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        try (var reader = SafetensorsReader.open(file);
                var _ = TensorScope.open()) {
            for (var task : tasks.values()) {
                for (var spec : task.specs()) {
                    tensors.put(
                            spec.name(),
                            owner.take(ParameterReader.read(reader, spec.name(), spec).to(device)));
                }
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + e.getMessage(), e);
        }
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read as JSON: " + e.getMessage(), e);
        }
    }
}
