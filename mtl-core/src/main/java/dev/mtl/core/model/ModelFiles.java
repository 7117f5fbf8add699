package dev.mtl.core.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.TextTokenizer;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * A multi-task model as a directory: an ordinary Hugging Face and sentence-transformers model of
 * the backbone, and beside it {@code mtl.json} and a folder {@code heads/TASK} for each task.
 */
public final class ModelFiles {
    static final String TASKS = "mtl.json";
    static final int FORMAT = 2;
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
        return load(directory, heads, device, Map.of());
    }

    /**
     * The same with other settings of some heads.
     *
     * @param settings by task, of the class that the head's provider has
     */
    public static MultiTaskModel load(
            Path directory, HeadRegistry heads, Device device, Map<String, Record> settings) {
        if (!Files.exists(directory.resolve(TASKS))) {
            throw new ConfigurationException(
                    directory
                            + " is not a trained model: it has no "
                            + TASKS
                            + "; mtl train writes one");
        }
        var files = files(directory);
        var config = BertConfig.read(files.config());
        var json = ConfigJson.read(directory.resolve(TASKS));
        int format = json.path("format").asInt();
        if (format < 1 || format > FORMAT) {
            throw new MtlException(
                    directory.resolve(TASKS)
                            + ": format "
                            + json.path("format")
                            + ", this version reads 1 to "
                            + FORMAT);
        }
        var tasks = new LinkedHashMap<String, Task>();
        var headFiles = new HeadFiles(directory);
        for (var entry : json.path("tasks")) {
            var task = headFiles.read(entry, heads, config, settings);
            tasks.put(task.name(), task);
        }
        var readout =
                new Readout(
                        JSON.convertValue(json.path("pooling"), Pooling.class),
                        JSON.convertValue(json.path("normalization"), Normalization.class));
        var owner = TensorScope.shared();
        try {
            var tensors = new LinkedHashMap<String, Tensor>();
            copy(BertWeights.load(files.weights(), config, device, owner), tensors);
            for (var task : tasks.values()) {
                headFiles.readWeights(task, device, owner, tensors);
            }
            return assemble(
                    files, config, readout, json.path("max_length").asInt(), tasks, tensors, owner);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /** After which step of its training a model was saved; empty if it was not scored then. */
    public static OptionalInt savedAfter(Path directory) {
        var step = ConfigJson.read(directory.resolve(TASKS)).at("/scores/step");
        return step.isInt() ? OptionalInt.of(step.asInt()) : OptionalInt.empty();
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
                config,
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

    static void write(Path file, Object json) throws IOException {
        Files.writeString(
                file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }
}
