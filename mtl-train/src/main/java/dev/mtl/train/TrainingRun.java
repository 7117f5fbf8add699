package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.runtime.NativeMemory;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunDirectory;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.data.TokenizedDataset;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.report.RunRecords;
import dev.mtl.train.run.CompositeListener;
import dev.mtl.train.run.TrainingNotes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Carries out a configuration: reads the data, trains a model, and writes its best state. */
public final class TrainingRun {
    /** The file of a model directory with the configuration of its training. */
    public static final String CONFIG_FILE = "config.yaml";

    private final RunConfig config;
    private final HeadRegistry heads;
    private final ModelDirectory backbone;

    /**
     * A run of a configuration.
     *
     * @param heads the known head types
     * @param backbone the directory that {@code model.backbone} resolves to
     */
    public TrainingRun(RunConfig config, HeadRegistry heads, ModelDirectory backbone) {
        this.config = config;
        this.heads = heads;
        this.backbone = backbone;
    }

    /**
     * How a run ended.
     *
     * @param model the directory of the best model so far
     * @param run the directory of the checkpoints and records
     * @param steps that are done
     */
    public record Result(Outcome outcome, Path model, Path run, int steps) {}

    /** Whether a run resumes, and when it stops. */
    public interface Control {
        /** Whether to continue from the last checkpoint. */
        boolean resume();

        /** Whether to stop; asked after each step. */
        boolean stopRequested();
    }

    /**
     * Trains the model and writes its best state to {@code output.dir}.
     *
     * @throws ConfigurationException if the data does not fit the tasks, output.dir contains
     *     something else than a model, or there is nothing to resume
     * @throws dev.mtl.core.MtlException if data cannot be read or the model cannot be written
     */
    public Result run(TrainingListener listener, Control control) {
        ModelWriter.requireReplaceable(config.output().model());
        NativeMemory.keepFreed();
        var directory = new RunDirectory(config.output().run());
        var notes = new TrainingNotes(listener);
        var listeners = new CompositeListener(listener);
        try (var prepared = PreparedRun.of(config, heads, backbone, listeners, this::save)) {
            var trainer = prepared.trainer();
            var checkpoints = checkpoints(directory, prepared);
            if (control.resume()) {
                notes.resumed(trainer.resume(checkpoints));
            } else {
                directory.begin();
            }
            try (var records = records(directory, trainer.step())) {
                listeners.add(records);
                trainer.checkpointTo(checkpoints);
                trainer.stopWhen(control::stopRequested);
                var outcome = trainer.train();
                if (outcome != Outcome.INTERRUPTED) {
                    tune(prepared, listeners);
                }
                return new Result(
                        outcome, config.output().model(), directory.path(), trainer.step());
            } catch (MtlException e) {
                throw withWayToContinue(e, checkpoints);
            }
        }
    }

    /** What {@link #run} would do. */
    public TrainingPlan plan() {
        var silent =
                new TrainingListener() {
                    @Override
                    public void onStep(Step step) {}

                    @Override
                    public void onEvaluation(Evaluated evaluated) {}
                };
        try (var prepared = PreparedRun.of(config, heads, backbone, silent, this::save)) {
            return prepared.trainer().plan();
        }
    }

    private Checkpoints checkpoints(RunDirectory directory, PreparedRun prepared) {
        var identity =
                RunIdentity.of(
                        ConfigPrinter.print(config),
                        TokenizedDataset.datasets(prepared.training()),
                        TokenizedDataset.datasets(prepared.validation()));
        return new Checkpoints(
                directory.checkpoints(), identity, config.training().keepCheckpoints());
    }

    private RunRecords records(RunDirectory directory, int step) {
        var title = "Training of " + config.output().model().getFileName();
        return new RunRecords(directory.path(), title, ConfigPrinter.print(config), step);
    }

    /** Fits the settings of heads that have some to fit, such as thresholds. */
    private void tune(PreparedRun prepared, TrainingListener listener) {
        new SettingsTuning(
                        heads,
                        prepared.training(),
                        prepared.validation(),
                        prepared.workers(),
                        listener)
                .run(
                        config.output().model(),
                        prepared.device(),
                        config.tasks().values(),
                        (model, evaluation, step) ->
                                save(model, Optional.of(evaluation.toScores(step))));
    }

    private void save(MultiTaskModel model, Optional<ModelWriter.Scores> scores) {
        ModelWriter.save(
                model,
                backbone,
                config.output().model(),
                scores,
                Map.of(CONFIG_FILE, ConfigPrinter.print(config)));
    }

    /** Adds to a failure to read or write, such as a full disk, where the run can be resumed. */
    private static MtlException withWayToContinue(MtlException e, Checkpoints checkpoints) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof IOException)) {
            cause = cause.getCause();
        }
        var message = String.valueOf(e.getMessage());
        // a checkpoint that could not be written names the one before it
        if (cause == null || message.contains("checkpoint before it")) {
            return e;
        }
        var all = checkpoints.all();
        return new MtlException(
                message
                        + (all.isEmpty()
                                ? "; there is no checkpoint yet to continue from"
                                : "; once that is mended, continue from "
                                        + all.getLast()
                                        + " with --resume"),
                e);
    }
}
