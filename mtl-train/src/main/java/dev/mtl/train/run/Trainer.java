package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.DividedMoments;
import dev.mtl.train.checkpoint.Replication;
import dev.mtl.train.checkpoint.TrainerState;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.WeightAverage;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.IneffectiveSettings;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.settings.FreezingSettings.Policy;
import dev.mtl.train.step.DataParallelism;
import dev.mtl.train.step.TrainingStep;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Trains the encoder and all heads of a model together: {@link TrainingStep} by step, with
 * evaluations and checkpoints in between.
 */
public final class Trainer implements AutoCloseable {
    private final MultiTaskModel model;
    private final TrainingConfig config;
    private final TrainingSet training;
    private final Workers workers;
    private final TrainingListener listener;
    private final TrainingNotes notes;
    private final BestMetric metric;
    private final ModelSelection selection;
    private final int stepsPerEpoch;
    private final int steps;
    private final Freezing freezing;
    private final LossBalance balance;
    private final LearningRateSchedule schedule;
    private final Optimizer optimizer;
    private final DividedMoments moments;
    private final DataParallelism parallelism;
    private final TrainingStep step;
    private final @Nullable WeightAverage average;
    private @Nullable Checkpoints checkpoints;
    private BooleanSupplier stop = () -> false;
    private TrainerState state = TrainerState.start();

    /**
     * Prepares training.
     *
     * @param tasks of the model, with the weights of their losses
     * @param training what to learn from, encoded for this model
     * @param validation what the best model is selected by, encoded for this model; if empty, the
     *     last model is the best
     * @param workers run the batches; the caller closes them after this trainer
     * @param processes that train together
     * @param saveBest writes the model in its current state, called whenever it is the best so far,
     *     with its scores if there is validation data
     * @throws ConfigurationException if settings do not fit the model or the data
     */
    public Trainer(
            MultiTaskModel model,
            Collection<TaskConfig> tasks,
            TrainingConfig config,
            List<? extends TrainingData> training,
            List<TokenizedDataset> validation,
            Workers workers,
            Collective processes,
            TrainingListener listener,
            Consumer<Optional<ModelWriter.Scores>> saveBest) {
        IneffectiveSettings.refuse(config, training, validation);
        IneffectiveSettings.requireDivergence(config, model, training);
        this.model = model;
        this.config = config;
        this.training = new TrainingSet(model, config, training);
        this.workers = workers;
        this.listener = listener;
        notes = new TrainingNotes(listener);
        var factory = new TrainerFactory(model, tasks, config);
        metric = factory.bestMetric();
        var evaluator = new DividedEvaluator(model, workers, processes);
        var retrieval = new RetrievalEvaluator(model, tasks, processes, evaluator);
        if (!validation.isEmpty()) {
            metric.requireKnown(validation, retrieval::scoresOf);
        }
        stepsPerEpoch = this.training.sampler().stepsPerEpoch();
        steps = factory.steps(stepsPerEpoch);
        freezing = factory.freezing(steps, stepsPerEpoch);
        if (config.freezing().policy() != Policy.FULL) {
            freezing.requireSomethingToTrain(model, training);
        }
        balance = factory.lossBalance();
        schedule = factory.schedule(steps);
        var shards = factory.shards(processes);
        optimizer = factory.optimizer(shards);
        moments = new DividedMoments(processes, model.parameters(), optimizer, shards);
        parallelism = factory.parallelism(processes, workers);
        var update = factory.update(processes, optimizer, shards);
        step = factory.step(balance, parallelism, update, schedule);
        selection =
                new ModelSelection(
                        evaluator,
                        retrieval,
                        validation,
                        metric,
                        parallelism,
                        stepsPerEpoch,
                        listener,
                        saveBest);
        average =
                config.weightAverage() > 0
                        ? new WeightAverage(model.parameters(), config.weightAverage())
                        : null;
    }

    /** Writes checkpoints, as often as the configuration says. */
    public void checkpointTo(Checkpoints target) {
        checkpoints = target;
        var averaged = config.averageCheckpoints();
        if (averaged != null) {
            target.keepForMean(averaged, config.checkpointSteps(stepsPerEpoch));
        }
    }

    /** Ends after the step during which {@code requested} becomes true. */
    public void stopWhen(BooleanSupplier requested) {
        stop = requested;
    }

    /** What is done so far. */
    public TrainerState state() {
        return state;
    }

    /** Whether the metric that selects the best model is an error. */
    public boolean lowerIsBetter() {
        return metric.lowerIsBetter();
    }

    /**
     * The value of the metric that selects the best model; NaN if the evaluation does not have it.
     */
    public double score(Evaluation evaluation) {
        return metric.of(evaluation);
    }

    /** What training will do. */
    public TrainingPlan plan() {
        return TrainingPlans.of(model, config, training, optimizer, freezing, steps);
    }

    /** Whether neither the encoder nor the head of a task trains. */
    public boolean leavesUnchanged(String task) {
        boolean hasData =
                training.datasets().stream().anyMatch(dataset -> dataset.tasks().contains(task));
        return freezing.backboneNeverTrains() && (!hasData || headNeverTrains(task));
    }

    /** Whether no parameter of a task's head is ever trained. */
    public boolean headNeverTrains(String task) {
        return freezing.neverTrains(model.task(task));
    }

    /**
     * Continues from the last checkpoint. With more epochs or steps than the run had, the schedule
     * is that of the new number, from the next step on.
     *
     * @return a line for the user if the number of steps has changed
     * @throws ConfigurationException if the checkpoint is of another run, or the number of steps
     *     may not change
     */
    public List<String> resume(Checkpoints from) {
        state =
                from.restore(
                        model.parameters(),
                        moments::restoreToSend,
                        averages -> {
                            if (average != null) {
                                average.restore(averages);
                            }
                        });
        var said = new ArrayList<String>();
        int before = from.stepsBefore(stepsPerEpoch).orElse(steps);
        if (before != steps) {
            var extension = new Extension(before, steps, state.step());
            extension.requirePossible(freezing, config.freezing());
            said.add(extension.describe(config.schedule(), schedule::factor));
        }
        balance.restore(state.balance());
        // the patience may be larger than it was
        state = state.finished(state.finished() && (state.step() >= steps || isPatienceOver()));
        return said;
    }

    /** Gives all processes the weights and the state of process 0. */
    public void replicate(Collective processes) {
        state = Replication.share(processes, state, model.parameters(), moments);
        if (!parallelism.writes() && !state.balance().isEmpty()) {
            balance.restore(state.balance());
        }
    }

    /** Trains to the end, or to a stop. */
    public Outcome train() {
        if (config.freezing().policy() == Policy.FULL) {
            notes.nothingToTrain();
            evaluate();
            return Outcome.FINISHED;
        }
        prepare();
        int evaluationSteps = config.evaluationSteps(stepsPerEpoch);
        int checkpointSteps = config.checkpointSteps(stepsPerEpoch);
        listener.onBegin();
        while (state.step() < steps && !state.finished()) {
            orSave(this::takeStep);
            if (state.step() == steps || state.step() % evaluationSteps == 0) {
                evaluate();
            }
            if (isPatienceOver()) {
                notes.patienceIsOver(state.sinceBest());
            }
            state = state.finished(state.step() == steps || isPatienceOver());
            boolean interrupted =
                    orSave(() -> parallelism.anyWants(stop.getAsBoolean())) && !state.finished();
            if (state.finished()) {
                evaluateMean();
            }
            if (interrupted || state.finished() || state.step() % checkpointSteps == 0) {
                checkpoint(interrupted);
            }
            if (interrupted) {
                return Outcome.INTERRUPTED;
            }
        }
        return state.step() < steps ? Outcome.STOPPED_EARLY : Outcome.FINISHED;
    }

    private void prepare() {
        if (state.step() < steps && !state.finished() && freezing.backboneNeverTrains()) {
            FrozenFeatures.keep(training, workers, listener, notes);
        }
        notes.data(training);
        notes.ineffective(config, model, freezing, steps, stepsPerEpoch);
        step.train(freezing.at(state.step()));
    }

    /**
     * Writes a checkpoint of the last whole step if another process fails, unless that process had
     * a part of it.
     */
    private boolean orSave(BooleanSupplier work) {
        try {
            return work.getAsBoolean();
        } catch (CollectiveException e) {
            if (!moments.isDivided()) {
                checkpoint(true);
            }
            throw e;
        }
    }

    private boolean takeStep() {
        int number = state.step();
        var batches = training.step(number);
        long begun = System.nanoTime();
        unfreeze(number);
        var result = step.run(number, training.microBatches(number, batches));
        if (!result.isFinite()) {
            var problem = SkippedSteps.next(config.onNonFinite(), state, result, batches);
            notes.skipped(problem, state.skipped() + 1);
        } else if (average != null) {
            average.update();
        }
        listener.onStep(
                new TrainingListener.Step(
                        number + 1,
                        steps,
                        (number + 1.0) / stepsPerEpoch,
                        result.loss(),
                        result.taskLosses(),
                        result.lossParts(),
                        optimizer.learningRates(schedule.factor(number), step.stage()::trains),
                        result.gradientNorm(),
                        result.tokens(),
                        (System.nanoTime() - begun) / 1e9));
        if ((number + 1) % stepsPerEpoch == 0) {
            balance.afterEpoch();
        }
        var loss = result.taskLosses().isEmpty() ? null : result.loss();
        state =
                result.isFinite()
                        ? state.afterStep(loss, balance.state())
                        : state.afterSkippedStep(balance.state());
        return result.isFinite();
    }

    /** Begins the next stage of the freezing policy, if it is due at this step. */
    private void unfreeze(int number) {
        var stage = freezing.at(number);
        if (!stage.equals(step.stage())) {
            step.train(stage);
            notes.unfrozen(number, stage);
        }
    }

    /** Scores the model, with the average of its weights if there is one. */
    private void evaluate() {
        if (average == null) {
            select();
        } else {
            average.use(this::select);
        }
    }

    private void select() {
        boolean last = state.step() >= steps || config.freezing().policy() == Policy.FULL;
        state = selection.evaluate(state, last);
    }

    /** Scores weights of the last model that the other processes do not have. */
    private void selectByWriter() {
        state = selection.evaluateLastByWriter(state);
    }

    /** Scores the mean of the last checkpoints, of which the weights as they are will be one. */
    private void evaluateMean() {
        int every = config.checkpointSteps(stepsPerEpoch);
        if (config.averageCheckpoints() == null || state.step() <= every) {
            return;
        }
        if (checkpoints == null || !parallelism.writes()) {
            selectByWriter();
            return;
        }
        notes.averaged(state.step());
        try (var mean = checkpoints.mean(model.parameters(), state.step())) {
            mean.use(this::selectByWriter);
        }
    }

    private boolean isPatienceOver() {
        var patience = config.earlyStoppingPatience();
        return patience != null && state.sinceBest() >= patience;
    }

    private void checkpoint(boolean always) {
        boolean never = config.checkpointEvery().equals(TrainingConfig.NEVER) && !always;
        if (!never) {
            moments.use(this::write);
        }
    }

    private void write(Map<String, AdamW.Moments> whole) {
        if (checkpoints != null && parallelism.writes()) {
            var path =
                    checkpoints.write(
                            state,
                            model.parameters(),
                            whole,
                            average == null ? Map.of() : average.state());
            listener.onCheckpoint(state.step(), path);
        }
    }

    /** Frees the optimizer's and the replicas' tensors; the model stays. */
    @Override
    public void close() {
        moments.close();
        optimizer.close();
        if (average != null) {
            average.close();
        }
        step.close();
        training.close();
    }
}
