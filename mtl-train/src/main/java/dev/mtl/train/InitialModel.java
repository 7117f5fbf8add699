package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.model.HeadTransfer;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.ModelConfig;
import dev.mtl.train.config.RunConfig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * The trained model that a run goes on from, {@code model.init_from}: tasks of the same name and
 * head type keep their heads, the run's other tasks have new ones, the model's others are dropped.
 *
 * @param name of the model's directory, as the configuration has it
 */
record InitialModel(
        String name,
        ModelFiles.Description trained,
        List<String> kept,
        List<String> added,
        List<String> dropped) {
    /** Mixed with the seed of the run for the initial weights of new heads. */
    private static final long NEW_HEADS = -1;

    /**
     * The model that a configuration names.
     *
     * @return empty if it names none
     * @throws ConfigurationException if it is not a trained model, or output.dir
     */
    static Optional<InitialModel> of(RunConfig config, HeadRegistry heads) {
        var name = config.model().initFrom();
        if (name == null) {
            return Optional.empty();
        }
        var directory = Path.of(name);
        if (directory.toAbsolutePath().normalize().equals(config.output().absolute())) {
            throw new ConfigurationException(
                    "model.init_from and output.dir are both %s; write to another directory, so that the model that this run goes on from stays"
                            .formatted(name));
        }
        if (ModelFiles.hasTaskAdapters(directory)) {
            throw new ConfigurationException(
                    "model.init_from: each task of %s has an adapter of its own, so no encoder serves all of them; go on from its backbone, or from a model with one adapter"
                            .formatted(name));
        }
        ModelFiles.Description trained;
        try {
            trained = ModelFiles.describe(directory, heads);
        } catch (ConfigurationException e) {
            throw new ConfigurationException("model.init_from: " + e.getMessage(), e);
        }
        var kept = new ArrayList<String>();
        var added = new ArrayList<String>();
        for (var task : config.tasks().values()) {
            var own = trained.tasks().get(task.name());
            (own != null && own.type().equals(task.head()) ? kept : added).add(task.name());
        }
        var dropped = new ArrayList<>(trained.tasks().keySet());
        dropped.removeAll(kept);
        return Optional.of(new InitialModel(name, trained, kept, added, dropped));
    }

    /** The labels that a kept head has already; none for others. */
    List<String> labels(String task) {
        return kept.contains(task) ? own(task).labels() : List.of();
    }

    private Task own(String task) {
        return Objects.requireNonNull(trained.tasks().get(task));
    }

    /**
     * Copies the weights of the kept heads into a model, whose new heads have been drawn.
     *
     * @return what became of each head, as lines for the user
     */
    List<String> copyHeads(MultiTaskModel model) {
        var lines = new ArrayList<String>();
        for (var task : kept) {
            var from = own(task);
            var to = model.task(task);
            var missing = HeadTransfer.copy(Path.of(name), from, model, to);
            var more = to.labels().subList(from.labels().size(), to.labels().size());
            lines.add(
                    "%s: the head of %s is kept%s%s"
                            .formatted(
                                    name,
                                    task,
                                    more.isEmpty()
                                            ? ""
                                            : ", with %d new labels: %s"
                                                    .formatted(
                                                            more.size(), String.join(", ", more)),
                                    missing.isEmpty()
                                            ? ""
                                            : ", its parameters %s are new"
                                                    .formatted(String.join(", ", missing))));
        }
        added.forEach(task -> lines.add("%s: the head of %s is new".formatted(name, task)));
        dropped.stream()
                .filter(task -> !added.contains(task))
                .forEach(task -> lines.add("%s: the head of %s is dropped".formatted(name, task)));
        return lines;
    }

    /** Which kept heads have new labels that they do not learn, as lines for the user. */
    List<String> unlearnedLabels(MultiTaskModel model, Predicate<String> headNeverTrains) {
        var lines = new ArrayList<String>();
        for (var task : kept) {
            int known = own(task).labels().size();
            var all = model.task(task).labels();
            if (all.size() > known && headNeverTrains.test(task)) {
                lines.add(
                        "the head of %s is frozen: its new labels %s keep random weights; train it, or leave their rows out"
                                .formatted(
                                        task, String.join(", ", all.subList(known, all.size()))));
            }
        }
        return lines;
    }

    /** What differs from what kept heads were trained with, as lines for the user. */
    List<String> differences(ModelConfig config, Readout readout) {
        var lines = new ArrayList<String>();
        if (!kept.isEmpty() && !readout.equals(trained.readout())) {
            lines.add(
                    "%s was trained with %s, this run has %s: kept heads read other embeddings"
                            .formatted(name, trained.readout().describe(), readout.describe()));
        }
        if (!kept.isEmpty() && !Objects.equals(config.prompt(), trained.prompt())) {
            lines.add(
                    "%s was trained with the prompt %s, this run has %s: kept heads read other texts"
                            .formatted(name, trained.prompt(), config.prompt()));
        }
        return lines;
    }

    /** The model's files, under the name of the backbone that it was trained from. */
    ModelDirectory files() {
        var files = ModelFiles.files(Path.of(name));
        return new ModelDirectory(trained.backbone(), files.path(), files.tokenizerJson());
    }

    /** For {@code mtl.json} and the model card. */
    ModelWriter.Origin origin() {
        return new ModelWriter.Origin(name, kept, added, dropped);
    }

    /**
     * The seed of the initial weights of new heads. On an encoder that a run has trained together
     * with heads, the draws of that run would give new heads what the encoder already fits; so its
     * weights are mixed in.
     */
    static long seedOfHeads(long seed, ModelDirectory backbone) {
        return ModelFiles.isModel(backbone.path())
                ? RandomStream.mix(seed, NEW_HEADS, checksum(backbone.weights()))
                : RandomStream.mix(seed, NEW_HEADS);
    }

    private static long checksum(Path file) {
        var crc = new CRC32C();
        var buffer = new byte[1 << 16];
        try (var in = Files.newInputStream(file)) {
            for (int read; (read = in.read(buffer)) >= 0; ) {
                crc.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
        return crc.getValue();
    }

    /** Says that a backbone is a trained model, whose heads are not used. */
    static List<String> droppedHeads(ModelDirectory backbone) {
        var tasks = ModelFiles.taskNames(backbone.path());
        return tasks.isEmpty()
                ? List.of()
                : List.of(
                        "model.backbone %s is a trained model: only its encoder is used, the heads of %s are dropped; model.init_from: %s keeps those of tasks that have the same name"
                                .formatted(
                                        backbone.name(),
                                        String.join(", ", tasks),
                                        backbone.name()));
    }
}
