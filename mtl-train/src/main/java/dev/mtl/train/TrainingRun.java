package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.runtime.NativeMemory;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunDirectory;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.DatasetEncoder;
import dev.mtl.train.data.DatasetReader;
import dev.mtl.train.data.TaskFactory;
import dev.mtl.train.data.TokenizedDataset;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.report.RunRecords;
import dev.mtl.train.run.CompositeListener;
import dev.mtl.train.run.Trainer;
import dev.mtl.train.run.TrainingNotes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
     * How a run ended.
     *
     * @param model the directory of the best model; of the model so far if it was interrupted
     * @param run the directory of the checkpoints and records
     * @param steps that are done
     */
    public record Result(Outcome outcome, Path model, Path run, int steps) {}

    /** How a run begins and may be ended. */
    public interface Control {
        /** Whether to go on from the last checkpoint. */
        boolean resume();

        /** Whether to end after the step that is going on; asked after each. */
        boolean stopRequested();
    }

    /**
     * Trains.
     *
     * @throws ConfigurationException if the data does not fit the tasks, output.dir holds something
     *     else than a model, or there is nothing to resume
     * @throws dev.mtl.core.MtlException if data cannot be read or the model cannot be written
     */
    public Result run(TrainingListener listener, Control control) {
        var output = config.output().model();
        ModelWriter.requireReplaceable(output);
        NativeMemory.keepFreed();
        var directory = new RunDirectory(config.output().run());
        var listeners = new CompositeListener(listener);
        return with(
                listeners,
                ready -> {
                    var trainer = ready.trainer();
                    var printed = ConfigPrinter.print(config);
                    var identity =
                            RunIdentity.of(
                                    printed,
                                    TokenizedDataset.datasets(ready.training()),
                                    TokenizedDataset.datasets(ready.validation()));
                    var checkpoints =
                            new Checkpoints(
                                    directory.checkpoints(),
                                    identity,
                                    config.training().keepCheckpoints());
                    if (control.resume()) {
                        new TrainingNotes(listener).resumed(trainer.resume(checkpoints));
                    } else {
                        directory.begin();
                    }
                    var title = "Training of " + output.getFileName();
                    try (var records =
                            new RunRecords(directory.path(), title, printed, trainer.step())) {
                        listeners.add(records);
                        trainer.checkpointTo(checkpoints);
                        trainer.stopWhen(control::stopRequested);
                        var outcome = trainer.train();
                        if (outcome != Outcome.INTERRUPTED && !ready.validation().isEmpty()) {
                            tune(ready, listener);
                        }
                        return new Result(outcome, output, directory.path(), trainer.step());
                    } catch (MtlException e) {
                        throw howToGoOn(e, checkpoints);
                    }
                });
    }

    private void tune(Ready ready, TrainingListener listener) {
        new SettingsTuning(heads, ready.validation(), ready.workers(), new TrainingNotes(listener))
                .run(
                        config.output().model(),
                        ready.device(),
                        config.tasks().values(),
                        (model, evaluation, step) ->
                                save(model, Optional.of(evaluation.toScores(step))));
    }

    /** Adds to what could not be read or written, such as on a full disk, what is not lost. */
    private static MtlException howToGoOn(MtlException e, Checkpoints checkpoints) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof IOException)) {
            cause = cause.getCause();
        }
        var message = String.valueOf(e.getMessage());
        // a checkpoint that could not be written names the one before itself
        if (cause == null || message.contains("checkpoint before it")) {
            return e;
        }
        var all = checkpoints.all();
        return new MtlException(
                message
                        + (all.isEmpty()
                                ? "; there is no checkpoint yet to go on from"
                                : "; once that is mended, go on from "
                                        + all.getLast()
                                        + " with --resume"),
                e);
    }

    /** What {@link #run} would do. */
    public TrainingPlan plan() {
        return with(
                new TrainingListener() {
                    @Override
                    public void onStep(Step step) {}

                    @Override
                    public void onEvaluation(Evaluated evaluated) {}
                },
                ready -> ready.trainer().plan());
    }

    /** All that training needs. */
    private record Ready(
            Trainer trainer,
            List<TokenizedDataset> training,
            List<TokenizedDataset> validation,
            Workers workers,
            Device device) {}

    /** What is done with a trainer that is ready. */
    private interface Use<T> {
        T with(Ready ready);
    }

    private <T> T with(TrainingListener listener, Use<T> use) {
        var device = Devices.choose(config.training().device());
        var configs = config.tasks().values();
        var read = DatasetReader.read(configs, Split.TRAIN);
        var readValidation = DatasetReader.read(configs, Split.VALIDATION);
        var bert = BertConfig.read(backbone.config());
        int maxLength = SequenceLength.choose(config.model().maxLength(), backbone.path(), bert);
        try (var model = newModel(makeTasks(read, bert), maxLength, device);
                var workers =
                        new Workers(
                                "mtl-train",
                                Devices.workers(device, config.training().workers()))) {
            var encoder = new DatasetEncoder(model, configs);
            var training = encoder.encode(read);
            var validation = encoder.encode(readValidation);
            try (var trainer =
                    new Trainer(
                            model,
                            configs,
                            config.training(),
                            training,
                            validation,
                            workers,
                            listener,
                            scores -> save(model, scores))) {
                return use.with(new Ready(trainer, training, validation, workers, device));
            }
        }
    }

    private void save(MultiTaskModel model, Optional<ModelWriter.Scores> scores) {
        ModelWriter.save(
                model,
                backbone,
                config.output().model(),
                scores,
                Map.of(CONFIG_FILE, ConfigPrinter.print(config)));
    }

    private MultiTaskModel newModel(
            SequencedMap<String, Task> tasks, int maxLength, Device device) {
        try (var _ = RandomStream.open(RandomStream.mix(config.training().seed(), NEW_HEADS))) {
            var readout = new Readout(config.model().pooling(), config.model().normalization());
            return ModelFiles.create(backbone, readout, maxLength, tasks, device);
        }
    }

    private SequencedMap<String, Task> makeTasks(List<Dataset> training, BertConfig bert) {
        var tasks = new LinkedHashMap<String, Task>();
        for (var task : config.tasks().values()) {
            tasks.put(task.name(), TaskFactory.of(task, heads, training, bert.hiddenSize()));
        }
        return tasks;
    }
}
