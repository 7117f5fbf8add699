package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.encoder.SequenceLength;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.DataGroup;
import dev.mtl.train.data.DataSets;
import dev.mtl.train.loop.Trainer;
import dev.mtl.train.loop.TrainingListener;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A configuration carried out: data read, model made, trained, and its best state written to {@code
 * output.dir}.
 */
public final class TrainingRun {
    /** The configuration that a model was trained with, kept beside it. */
    public static final String CONFIG_FILE = "config.yaml";

    /** What the seed is mixed with for the draws of new heads. */
    private static final long NEW_HEADS = -1;

    private final RunConfig config;
    private final HeadRegistry heads;
    private final ModelDirectory backbone;

    /**
     * Prepares a run.
     *
     * @param backbone what {@code model.backbone} resolves to
     */
    public TrainingRun(RunConfig config, HeadRegistry heads, ModelDirectory backbone) {
        this.config = config;
        this.heads = heads;
        this.backbone = backbone;
    }

    /**
     * Trains.
     *
     * @return the directory of the best model
     * @throws ConfigurationException if the data does not fit the tasks, or output.dir holds
     *     something else than a model
     * @throws dev.mtl.core.MtlException if data cannot be read or the model cannot be written
     */
    public Path run(TrainingListener listener) {
        var output = Path.of(config.output().dir());
        ModelWriter.requireReplaceable(output);
        var device = Devices.choose(config.training().device());
        var training = DataSets.read(config.tasks().values(), Split.TRAIN);
        var validation = DataSets.read(config.tasks().values(), Split.VALIDATION);
        var bert = BertConfig.read(backbone.config());
        int maxLength = SequenceLength.choose(config.model().maxLength(), backbone.path(), bert);
        try (var model = newModel(makeTasks(training, bert), maxLength, device);
                var workers =
                        new Workers(
                                "mtl-train", Devices.workers(device, config.training().workers()));
                var trainer =
                        new Trainer(
                                model,
                                config.tasks().values(),
                                config.training(),
                                training,
                                validation,
                                workers,
                                listener,
                                () ->
                                        ModelWriter.save(
                                                model,
                                                backbone,
                                                output,
                                                Map.of(
                                                        CONFIG_FILE,
                                                        ConfigPrinter.print(config))))) {
            trainer.train();
        }
        return output;
    }

    private MultiTaskModel newModel(
            SequencedMap<String, Task> tasks, int maxLength, Device device) {
        try (var _ = RandomStream.open(RandomStream.mix(config.training().seed(), NEW_HEADS))) {
            return ModelFiles.create(backbone, config.model().readout(), maxLength, tasks, device);
        }
    }

    private SequencedMap<String, Task> makeTasks(List<DataGroup> training, BertConfig bert) {
        var tasks = new LinkedHashMap<String, Task>();
        for (var task : config.tasks().values()) {
            var provider = heads.provider(task.head());
            try {
                var labels = provider.learnLabels(targets(training, task));
                tasks.put(
                        task.name(),
                        Task.create(
                                task.name(), provider, task.settings(), labels, bert.hiddenSize()));
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
            }
        }
        return tasks;
    }

    private static List<Target> targets(List<DataGroup> groups, TaskConfig task) {
        var targets = new ArrayList<Target>();
        for (var group : groups) {
            if (group.tasks().contains(task.name())) {
                group.examples()
                        .forEach(
                                example ->
                                        targets.add(
                                                Objects.requireNonNull(
                                                        example.targets().get(task.name()))));
            }
        }
        return targets;
    }
}
