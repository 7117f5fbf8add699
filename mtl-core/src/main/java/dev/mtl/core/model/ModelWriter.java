package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.ConfigJson;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.OwnerLock;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** Writes models in the form that {@link ModelFiles} describes. */
public final class ModelWriter {
    private ModelWriter() {}

    /** Writes a model that was not scored; else as the other {@code save}. */
    public static void save(
            MultiTaskModel model,
            ModelDirectory source,
            Path directory,
            Map<String, String> texts) {
        save(model, source, directory, Optional.empty(), Optional.empty(), texts);
    }

    /**
     * Writes a model. All is written beside the target first and moved there when it is complete,
     * so that a model that was there before stays usable until then.
     *
     * @param source where the backbone came from: its configuration and tokenizer are copied
     * @param scores for {@code mtl.json} and the model card
     * @param origin the trained model that its training went on from
     * @param texts further files to keep with the model, by name
     * @throws ConfigurationException see {@link #requireReplaceable}
     * @throws MtlException if it cannot be written; says why
     */
    public static void save(
            MultiTaskModel model,
            ModelDirectory source,
            Path directory,
            Optional<Scores> scores,
            Optional<Origin> origin,
            Map<String, String> texts) {
        requireReplaceable(directory);
        var about =
                new ModelMetadata(
                        model,
                        source.name(),
                        scores,
                        origin,
                        SentenceConfig.read(source.path()),
                        texts.keySet());
        var name = directory.toAbsolutePath().normalize().getFileName();
        try (var _ = OwnerLock.acquire(directory, "wait for it, or name another directory")) {
            AtomicDirectory.replace(
                    directory,
                    staging -> {
                        write(model, source, staging);
                        ModelFiles.write(staging.resolve(ModelFiles.TASKS), about.toJson());
                        Files.writeString(
                                staging.resolve("README.md"),
                                new ModelCard(String.valueOf(name), about).write());
                        for (var text : texts.entrySet()) {
                            Files.writeString(staging.resolve(text.getKey()), text.getValue());
                        }
                    });
        }
    }

    /**
     * Checks that saving a model there replaces a model or nothing, never a directory of other
     * things, which would be deleted.
     *
     * @throws ConfigurationException if it would not
     */
    public static void requireReplaceable(Path directory) {
        if (!AtomicDirectory.isFree(directory) && !ModelFiles.isModel(directory)) {
            throw new ConfigurationException(
                    directory
                            + " exists already and is not a trained model; name a new or empty"
                            + " directory for the output");
        }
    }

    private static void write(MultiTaskModel model, ModelDirectory source, Path target)
            throws IOException {
        ModelFiles.write(target.resolve("config.json"), ConfigJson.of(source));
        EncoderFiles.copyTokenizer(source, target);
        var prompt = model.tokenizer().prompt();
        SentenceConfig.copy(
                source.path(),
                target,
                prompt == null ? null : prompt.name(),
                model.readout().truncateDim());
        SentenceModules.write(
                target,
                model.readout(),
                model.parameters(),
                model.backboneConfig().hiddenSize(),
                model.maxLength());
        var adapters = model.adapters();
        boolean kept = adapters != null && !adapters.merge();
        try (var _ = TensorScope.open()) {
            EncoderFiles.writeWeights(
                    target,
                    model.backboneConfig(),
                    kept ? model.parameters() : model.backboneWeights());
        }
        if (adapters != null && kept) {
            AdapterFolders.write(adapters, model.parameters(), source.name(), target);
        }
        var heads = new HeadFiles(target);
        for (var task : model.tasks().values()) {
            heads.write(task, model.parameters());
        }
    }

    /**
     * The trained model that a training went on from.
     *
     * @param directory of that model, as the configuration had it
     * @param kept tasks whose heads were kept
     * @param added tasks with new heads
     * @param dropped tasks of that model whose heads were left out
     */
    public record Origin(
            String directory, List<String> kept, List<String> added, List<String> dropped) {}

    /**
     * How good a model was when it was saved, on the validation data that chose it.
     *
     * @param step of the training, in optimizer steps
     * @param texts that were scored
     * @param tasks each task's scores by name
     * @param jointAccuracy the share of texts on which every task is entirely right; empty unless
     *     several tasks share their texts
     * @param test the same of the test data, which chose nothing; null if there is none
     */
    public record Scores(
            int step,
            int texts,
            SequencedMap<String, Map<String, Double>> tasks,
            OptionalDouble jointAccuracy,
            @Nullable Scores test) {
        /** Without test data. */
        public Scores(
                int step,
                int texts,
                SequencedMap<String, Map<String, Double>> tasks,
                OptionalDouble jointAccuracy) {
            this(step, texts, tasks, jointAccuracy, null);
        }

        /** The same with the scores of the test data. */
        public Scores withTest(Scores scores) {
            return new Scores(step, texts, tasks, jointAccuracy, scores);
        }
    }
}
