package dev.mtl.core.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.adapter.AdapterPlan;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.internal.files.WholeDirectory;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.huggingface.NamedPrompt;
import dev.mtl.torch.Device;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
     * @param readout with the layers of the backbone's own, or without any
     * @param tasks by name, in order
     */
    @SuppressWarnings("exports") // a readout is for MTL's own modules
    public static MultiTaskModel create(
            ModelDirectory backbone,
            Readout readout,
            int maxLength,
            SequencedMap<String, Task> tasks,
            Device device) {
        return create(backbone, readout, maxLength, null, tasks, device);
    }

    /**
     * The same with a prompt before every text.
     *
     * @param promptName one of the backbone's prompts; null for none
     * @throws ConfigurationException if the backbone has no such prompt
     */
    @SuppressWarnings("exports") // a readout is for MTL's own modules
    public static MultiTaskModel create(
            ModelDirectory backbone,
            Readout readout,
            int maxLength,
            @Nullable String promptName,
            SequencedMap<String, Task> tasks,
            Device device) {
        return create(backbone, readout, maxLength, promptName, tasks, null, device);
    }

    /**
     * The same with adapters of the backbone.
     *
     * @param plan of the adapters, null for none
     * @throws ConfigurationException if they do not fit the backbone
     */
    @SuppressWarnings("exports") // a readout is for MTL's own modules
    public static MultiTaskModel create(
            ModelDirectory backbone,
            Readout readout,
            int maxLength,
            @Nullable String promptName,
            SequencedMap<String, Task> tasks,
            @Nullable AdapterPlan plan,
            Device device) {
        return ModelAssembly.create(
                new ModelDescription(
                        backbone,
                        BertConfig.read(backbone.config()),
                        readout,
                        maxLength,
                        promptName,
                        tasks),
                plan,
                device);
    }

    /**
     * Loads what {@link ModelWriter} wrote, to train or export it.
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
        return WholeDirectory.read(
                directory,
                () ->
                        ModelAssembly.trainable(
                                ModelDescription.read(directory, heads, settings), device));
    }

    /**
     * Loads what {@link ModelWriter} wrote, to predict and evaluate: on a CPU the backbone's
     * weights are packed for its kernels while they are read, as {@code SentenceEncoder} does.
     *
     * @param heads must have every head type that the model names
     * @param precision of the backbone's linear layers, FP32, or on a CPU INT8
     * @throws ConfigurationException if it is no such directory, or a head type is missing
     * @throws MtlException if files are missing or damaged, or this LibTorch has no kernels for
     *     INT8
     */
    public static MultiTaskModel loadForInference(
            Path directory, HeadRegistry heads, Device device, Precision precision) {
        return loadForInference(directory, heads, device, precision, null);
    }

    /**
     * The same with another maximum length.
     *
     * @param maxLength in tokens, [CLS] and [SEP] included; null for the model's
     * @throws ConfigurationException if the model has fewer positions
     */
    public static MultiTaskModel loadForInference(
            Path directory,
            HeadRegistry heads,
            Device device,
            Precision precision,
            @Nullable Integer maxLength) {
        return WholeDirectory.read(
                directory,
                () ->
                        ModelAssembly.forInference(
                                ModelDescription.read(directory, heads, Map.of())
                                        .withMaxLength(maxLength),
                                device,
                                precision));
    }

    /**
     * Loads an encoder without tasks for inference, with what its files say of pooling,
     * normalization, prompt and dimensions.
     *
     * @param maxLength in tokens, [CLS] and [SEP] included; null for the model's
     * @throws ConfigurationException if the model has fewer positions
     * @throws MtlException if files are missing or damaged
     */
    public static MultiTaskModel loadEncoder(
            ModelDirectory model, Device device, Precision precision, @Nullable Integer maxLength) {
        return WholeDirectory.read(
                model.path(),
                () ->
                        ModelAssembly.forInference(
                                ModelDescription.ofEncoder(model, maxLength), device, precision));
    }

    /**
     * A prompt of a directory; null if it is empty, or none is named.
     *
     * @throws ConfigurationException if there is no such prompt
     */
    @SuppressWarnings("exports") // a prompt is for MTL's own modules
    public static @Nullable NamedPrompt prompt(Path directory, @Nullable String name) {
        if (name == null) {
            return null;
        }
        var text = SentenceConfig.read(directory).prompt(name);
        return text.isEmpty() ? null : new NamedPrompt(name, text);
    }

    /** Whether {@link ModelWriter} wrote a directory. */
    public static boolean isModel(Path directory) {
        return Files.exists(directory.resolve(TASKS));
    }

    /** Whether each task of a directory reads the backbone through an adapter of its own. */
    public static boolean hasTaskAdapters(Path directory) {
        return AdapterFolders.hasTaskAdapters(directory);
    }

    /** The names of the tasks of a directory; none if {@link #isModel} is false. */
    public static List<String> taskNames(Path directory) {
        if (!isModel(directory)) {
            return List.of();
        }
        var names = new ArrayList<String>();
        for (var entry : JsonFiles.readObject(directory.resolve(TASKS)).path("tasks")) {
            names.add(entry.isObject() ? entry.path("name").asText() : entry.asText());
        }
        return names;
    }

    /**
     * A trained model without its weights.
     *
     * @param backbone what it was trained from
     * @param maxLength the longest input in tokens
     * @param prompt the name of the prompt before every text; null for none
     * @param tasks with the heads' types, settings and labels
     */
    @SuppressWarnings("exports") // a readout is for MTL's own modules
    public record Description(
            String backbone,
            Readout readout,
            int maxLength,
            @Nullable String prompt,
            SequencedMap<String, Task> tasks) {}

    /**
     * Reads what {@link ModelWriter} wrote, without the weights.
     *
     * @param heads must have every head type that the model names
     * @throws ConfigurationException if it is no such directory, or a head type is missing
     * @throws MtlException if files are missing or damaged
     */
    public static Description describe(Path directory, HeadRegistry heads) {
        var read = ModelDescription.read(directory, heads, Map.of());
        return new Description(
                JsonFiles.readObject(directory.resolve(TASKS)).path("backbone").asText(),
                read.readout(),
                read.maxLength(),
                read.promptName(),
                read.tasks());
    }

    /** The scores that a model was saved with; empty if it was not scored. */
    public static Optional<ModelWriter.Scores> scores(Path directory) {
        return ModelMetadata.scores(JsonFiles.readObject(directory.resolve(TASKS)));
    }

    /** After which step of its training a model was saved; empty if it was not scored then. */
    public static OptionalInt savedAfter(Path directory) {
        var step = JsonFiles.readObject(directory.resolve(TASKS)).at("/scores/step");
        return step.isInt() ? OptionalInt.of(step.asInt()) : OptionalInt.empty();
    }

    /** The backbone's files of a directory that {@link ModelWriter} wrote. */
    public static ModelDirectory files(Path directory) {
        return new ModelDirectory(
                directory.toString(), directory, directory.resolve("tokenizer.json"));
    }

    static void write(Path file, Object json) throws IOException {
        JsonFiles.write(file, JSON.valueToTree(json));
    }
}
