package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.OwnerLock;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.runtime.NativeMemory;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.EarlierModel;
import dev.mtl.train.checkpoint.RunDirectory;
import dev.mtl.train.checkpoint.RunFacts;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.report.RunRecords;
import dev.mtl.train.run.CompositeListener;
import dev.mtl.train.run.Trainer;
import dev.mtl.train.run.TrainingNotes;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Carries out a configuration: reads the data, trains a model, and writes its best state. */
final class TrainingRun {
    private final TrainingConfiguration configuration;
    private final RunConfig config;
    private final ModelDirectory backbone;
    private final Function<String, ModelDirectory> store;
    private final Optional<InitialModel> initial;
    private final Collective processes;

    /**
     * A run of a configuration.
     *
     * @param backbone the directory that {@code model.backbone} resolves to
     * @param store finds the models that heads learn from
     * @param processes that train together; the first of them writes
     */
    TrainingRun(
            TrainingConfiguration configuration,
            ModelDirectory backbone,
            Function<String, ModelDirectory> store,
            Collective processes) {
        this.configuration = configuration;
        this.config = configuration.config();
        this.backbone = backbone;
        this.store = store;
        this.initial = InitialModel.of(config, configuration.heads());
        this.processes = processes;
    }

    /**
     * Trains the model and writes its best state to {@code output.dir}.
     *
     * @param resume whether to continue from the last checkpoint
     * @param overwrite whether a model that is in output.dir may be lost
     * @param stopRequested asked after each step
     * @throws ConfigurationException if the data does not fit the tasks, output.dir contains
     *     something else than a model, or a model that may not be replaced, or there is nothing to
     *     resume
     * @throws dev.mtl.core.MtlException if data cannot be read or the model cannot be written, or
     *     another run is training into the same directory, or another of the processes fails
     */
    TrainingResult run(
            TrainingListener listener,
            boolean resume,
            boolean overwrite,
            BooleanSupplier stopRequested) {
        if (!config.training().seeds().isEmpty()) {
            throw new ConfigurationException(
                    "training.seeds names several runs, which mtl train begins one after the other;"
                            + " here, set training.seed, and train once for each");
        }
        try {
            return processes.rank() == 0
                    ? runAndWrite(listener, resume, overwrite, stopRequested)
                    : runBeside(listener, stopRequested);
        } catch (RuntimeException | Error e) {
            processes.fail(e instanceof MtlException ? String.valueOf(e.getMessage()) : "" + e);
            throw e;
        }
    }

    private TrainingResult runAndWrite(
            TrainingListener listener,
            boolean resume,
            boolean overwrite,
            BooleanSupplier stopRequested) {
        ModelWriter.requireReplaceable(config.output().model());
        try (var _ =
                OwnerLock.acquire(
                        config.output().run(), "wait for it, stop it, or set another output.dir")) {
            var earlier = new EarlierModel(config.output().model(), config.output().keep());
            if (!resume) {
                earlier.requireKeptOr(overwrite);
            }
            var together = new RunTogether(processes, resume);
            return together.onItsCores(
                    config, () -> train(together, listener, resume, earlier, stopRequested));
        }
    }

    /** Trains in a process that writes nothing, and says only that it begins. */
    private TrainingResult runBeside(TrainingListener listener, BooleanSupplier stopRequested) {
        NativeMemory.keepFreed();
        var together = new RunTogether(processes, false);
        return together.onItsCores(
                config,
                () -> {
                    var run = config.output().run();
                    try (var prepared =
                            PreparedRun.of(
                                    configuration,
                                    backbone,
                                    store,
                                    initial,
                                    together.resume() ? run : null,
                                    processes,
                                    new TrainingListener() {
                                        @Override
                                        public void onBegin() {
                                            listener.onBegin();
                                        }
                                    },
                                    (model, scores) -> {})) {
                        var trainer = prepared.trainer();
                        together.begin(trainer, prepared.identity(ConfigPrinter.print(config)));
                        trainer.stopWhen(stopRequested);
                        var outcome = trainer.train();
                        return new TrainingResult(
                                outcome,
                                config.output().model(),
                                run,
                                trainer.state().step(),
                                new LinkedHashMap<>(),
                                OptionalDouble.empty(),
                                new LinkedHashMap<>(),
                                OptionalDouble.empty());
                    }
                });
    }

    private TrainingResult train(
            RunTogether together,
            TrainingListener listener,
            boolean resume,
            EarlierModel earlier,
            BooleanSupplier stopRequested) {
        NativeMemory.keepFreed();
        var directory = new RunDirectory(config.output().run());
        var notes = new TrainingNotes(listener);
        var listeners = new CompositeListener();
        listeners.add(listener);
        // what the run itself has written is not an earlier model
        var own = new AtomicBoolean();
        PreparedRun.Save save =
                (model, scores) -> {
                    if (!own.get()) {
                        earlier.beforeSave();
                    }
                    save(model, scores);
                };
        try (var prepared =
                PreparedRun.of(
                        configuration,
                        backbone,
                        store,
                        initial,
                        resume ? directory.path() : null,
                        processes,
                        listeners,
                        save)) {
            var trainer = prepared.trainer();
            var checkpoints = checkpoints(directory, prepared);
            List<String> facts = prepared.notes();
            if (resume) {
                facts = trainer.resume(checkpoints);
                own.set(trainer.state().bestScore() != Double.NEGATIVE_INFINITY);
            } else {
                directory.begin();
            }
            together.begin(trainer, prepared.identity(ConfigPrinter.print(config)));
            prepared.streams().keep(directory.path());
            prepared.teachers().keep(directory.path());
            try (var records = records(directory, trainer.state().step())) {
                listeners.add(records);
                if (resume) {
                    listeners.onNote(TrainingNotes.resumed(trainer.state().step()));
                }
                for (var fact : facts) {
                    listeners.onNote(fact);
                    records.keep(fact, trainer.state().step());
                }
                trainer.checkpointTo(checkpoints);
                trainer.stopWhen(stopRequested);
                var outcome = trainer.train();
                var test = Optional.<Evaluation>empty();
                if (outcome != Outcome.INTERRUPTED) {
                    tune(prepared, listeners);
                    test = test(prepared, listeners);
                }
                if (earlier.isReplaced()) {
                    notes.replaced(earlier, prepared.model(), config.output().model());
                }
                return result(outcome, directory, trainer, test);
            } catch (MtlException e) {
                throw withWayToContinue(e, checkpoints);
            }
        }
    }

    private TrainingResult result(
            Outcome outcome, RunDirectory directory, Trainer trainer, Optional<Evaluation> test) {
        var model = config.output().model();
        // without an evaluation there may be a model of an earlier run
        var scores =
                trainer.state().bestScore() != Double.NEGATIVE_INFINITY
                        ? ModelFiles.scores(model)
                        : Optional.<ModelWriter.Scores>empty();
        double best = trainer.state().bestScore();
        new RunFacts(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                        outcome.name().toLowerCase(Locale.ROOT),
                        trainer.state().step(),
                        config.training().seed(),
                        config.training().bestMetric(),
                        trainer.lowerIsBetter(),
                        Double.isFinite(best) ? best : null,
                        scores.map(ModelWriter.Scores::tasks).orElseGet(LinkedHashMap::new),
                        test.map(trainer::score).filter(Double::isFinite).orElse(null),
                        test.map(Evaluation::tasks).orElseGet(LinkedHashMap::new))
                .write(directory);
        return new TrainingResult(
                outcome,
                model,
                directory.path(),
                trainer.state().step(),
                scores.map(ModelWriter.Scores::tasks).orElseGet(LinkedHashMap::new),
                scores.map(ModelWriter.Scores::jointAccuracy).orElse(OptionalDouble.empty()),
                test.map(Evaluation::tasks).orElseGet(LinkedHashMap::new),
                test.map(Evaluation::jointAccuracy).orElse(OptionalDouble.empty()));
    }

    /** What {@link #run} would do. */
    TrainingPlan plan() {
        var silent = new CompositeListener();
        try (var prepared =
                PreparedRun.of(
                        configuration,
                        backbone,
                        store,
                        initial,
                        null,
                        Collective.alone(),
                        silent,
                        this::save)) {
            return prepared.trainer().plan().withNotes(prepared.notes());
        }
    }

    private Checkpoints checkpoints(RunDirectory directory, PreparedRun prepared) {
        var identity = prepared.identity(ConfigPrinter.print(config));
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
                        configuration.heads(),
                        prepared.training(),
                        prepared.validation(),
                        prepared.workers(),
                        listener)
                .run(
                        config.output().model(),
                        prepared.device(),
                        prepared.model().tasks().values().stream()
                                .filter(task -> !prepared.isUnchanged(task.name()))
                                .toList(),
                        (model, evaluation, step) ->
                                save(model, Optional.of(fitted(evaluation).toScores(step))));
    }

    /** With scores of the model as it was saved that fitting does not change. */
    private Evaluation fitted(Evaluation evaluation) {
        return evaluation.and(
                ModelFiles.scores(config.output().model())
                        .map(ModelWriter.Scores::tasks)
                        .orElseGet(LinkedHashMap::new));
    }

    /** Adds the scores of the test data to the best model, if it was scored. */
    private Optional<Evaluation> test(PreparedRun prepared, TrainingListener listener) {
        var directory = config.output().model();
        return TestScores.add(
                prepared,
                configuration.heads(),
                directory,
                listener,
                (model, test) ->
                        ModelFiles.scores(directory)
                                .map(scores -> scores.withTest(test.toScores(scores.step())))
                                .ifPresent(scores -> save(model, Optional.of(scores))));
    }

    private void save(MultiTaskModel model, Optional<ModelWriter.Scores> scores) {
        ModelWriter.save(
                model,
                initial.map(InitialModel::files).orElse(backbone),
                config.output().model(),
                scores,
                initial.map(InitialModel::origin),
                Map.of(RunConfig.FILE, ConfigPrinter.print(config.absolute())));
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
