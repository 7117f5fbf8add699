package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What the JSON files of a model's directory say, or a configuration of a new model; no weights.
 *
 * @param files of the model, of a new one those of its backbone
 */
record ModelDescription(
        ModelDirectory files,
        BertConfig config,
        Readout readout,
        int maxLength,
        @Nullable String promptName,
        SequencedMap<String, Task> tasks) {
    /**
     * Reads {@code config.json}, {@code mtl.json} and the heads' descriptions.
     *
     * @param settings by task, instead of those in the files
     * @throws ConfigurationException if it is no trained model, or a head type is missing
     * @throws MtlException if files are missing or damaged, or of a later format
     */
    static ModelDescription read(Path directory, HeadRegistry heads, Map<String, Record> settings) {
        var file = directory.resolve(ModelFiles.TASKS);
        if (!Files.exists(file)) {
            throw new ConfigurationException(
                    directory
                            + " is not a trained model: it has no "
                            + ModelFiles.TASKS
                            + (Files.exists(ModelFiles.files(directory).config())
                                    ? "; it is an encoder: mtl embed or SentenceEncoder computes"
                                            + " its embeddings, and mtl train adds tasks to it"
                                    : "; mtl train writes one"));
        }
        var config = BertConfig.read(ModelFiles.files(directory).config());
        var json = JsonFiles.readObject(file);
        int format = json.path("format").asInt();
        if (format < 1 || format > ModelFiles.FORMAT) {
            throw new MtlException(
                    file
                            + ": format "
                            + json.path("format")
                            + ", this version reads 1 to "
                            + ModelFiles.FORMAT);
        }
        var kept = json.path("truncate_dim");
        var readout =
                SentenceModules.readout(directory)
                        .withTruncateDim(kept.isInt() ? kept.asInt() : null);
        int sentenceSize = readout.dimensions(config.hiddenSize());
        var tasks = new LinkedHashMap<String, Task>();
        var headFiles = new HeadFiles(directory);
        for (var entry : json.path("tasks")) {
            var task = headFiles.read(entry, heads, config, sentenceSize, settings);
            tasks.put(task.name(), task);
        }
        return new ModelDescription(
                ModelFiles.files(directory),
                config,
                readout,
                json.path("max_length").asInt(),
                json.path("prompt").isTextual() ? json.path("prompt").asText() : null,
                tasks);
    }

    /**
     * An encoder without tasks.
     *
     * @param maxLength null for the model's own
     * @throws ConfigurationException if the model has fewer positions
     */
    static ModelDescription ofEncoder(ModelDirectory files, @Nullable Integer maxLength) {
        var config = BertConfig.read(files.config());
        var sentences = SentenceConfig.read(files.path());
        return new ModelDescription(
                files,
                config,
                SentenceModules.readout(files.path()).withTruncateDim(sentences.truncateDim()),
                SequenceLength.choose(maxLength, files.path(), config),
                sentences.defaultPromptName(),
                new LinkedHashMap<>());
    }

    /**
     * The same with another maximum length.
     *
     * @param value null for the model's own
     * @throws ConfigurationException if the model has fewer positions
     */
    ModelDescription withMaxLength(@Nullable Integer value) {
        return value == null
                ? this
                : new ModelDescription(
                        files,
                        config,
                        readout,
                        SequenceLength.choose(value, files.path(), config),
                        promptName,
                        tasks);
    }

    /** The model's tokenizer, which the caller closes. */
    TextTokenizer tokenizer() {
        return TextTokenizer.load(
                files.tokenizerJson(), maxLength, ModelFiles.prompt(files.path(), promptName));
    }

    /**
     * Parameters with those of the layers after pooling and of the heads added, read from their
     * files.
     *
     * @param owner takes the added tensors
     */
    Parameters withReadoutAndHeads(
            SequencedMap<String, Tensor> parameters, Device device, TensorScope owner) {
        SentenceModules.readWeights(
                files.path(), readout, config.hiddenSize(), device, owner, parameters);
        var headFiles = new HeadFiles(files.path());
        for (var task : tasks.values()) {
            headFiles.readWeights(task, device, owner, parameters);
        }
        return new Parameters(parameters);
    }
}
