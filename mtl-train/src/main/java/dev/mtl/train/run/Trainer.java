package dev.mtl.train.run;

import dev.mtl.core.model.ModelScores;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.TrainerState;
import dev.mtl.train.config.FreezingConfig.Policy;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.config.TrainingConfig.OnNonFinite;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.IneffectiveSettings;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.sampling.BatchSampler;
import dev.mtl.train.sampling.TrainingGroups;
import dev.mtl.train.step.GradientSum;
import dev.mtl.train.step.NonFinite;
import dev.mtl.train.step.NonFiniteException;
import dev.mtl.train.step.StepGradients;
import dev.mtl.train.step.StepOptions;
import dev.mtl.train.step.StepResult;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Trains all heads and the backbone of a model together. */
public final class Trainer implements AutoCloseable {
    /** Steps in a row that may be skipped: after more, it is not a few examples. */
    private static final int MOST_SKIPPED = 20;

    private final MultiTaskModel model;
    private final TrainingConfig config;
    private final TrainingGroups training;
    private final List<Dataset> validation;
    private final TrainingListener listener;
    private final Consumer<Optional<ModelScores>> saveBest;
    private final Workers workers;
    private final StepGradients gradients;
    private final Optimizer optimizer;
    private final LossBalance balance;
    private final Freezing freezing;
    private final BestModel best;
    private final int perEpoch;
    private final int steps;
    private @Nullable Checkpoints checkpoints;
    private BooleanSupplier stop = () -> false;
    private Freezing.@Nullable Stage stage;
    private int step;
    private int skipped;
    private int skippedInARow;
    private double lossSum;
    private int lossSteps;
    private boolean finished;

    /** How training ended. */
    public enum Outcome {
        /** All steps are done. */
        FINISHED,
        /** No better model came for as many evaluations as the configuration waits. */
        STOPPED_EARLY,
        /** Somebody asked for it; the last checkpoint is of the step that it ended with. */
        INTERRUPTED
    }

    /**
     * Prepares training.
     *
     * @param tasks of the model, with the weights of their losses
     * @param training what to learn from
     * @param validation what to choose the best model by; may be empty: then it is the last one
     * @param workers run the batches; the caller closes them after this trainer
     * @param saveBest writes the model as it is, called whenever it is the best so far, with its
     *     scores if there is validation data
     * @throws dev.mtl.core.ConfigurationException if settings do not fit the model or the data
     */
    public Trainer(
            MultiTaskModel model,
            Collection<TaskConfig> tasks,
            TrainingConfig config,
            List<Dataset> training,
            List<Dataset> validation,
            Workers workers,
            TrainingListener listener,
            Consumer<Optional<ModelScores>> saveBest) {
        this.model = model;
        this.config = config;
        IneffectiveSettings.refuse(config, training, validation);
        this.training = new TrainingGroups(model, config, training);
        this.validation = List.copyOf(validation);
        this.workers = workers;
        this.listener = listener;
        this.saveBest = saveBest;
        var policies = new TrainerFactory(model, tasks, config);
        var metric = policies.bestMetric();
        if (!validation.isEmpty()) {
            metric.requireKnown(validation);
        }
        best = new BestModel(metric);
        perEpoch = this.training.plan().stepsPerEpoch();
        steps = policies.steps(perEpoch);
        freezing = policies.freezing(steps, perEpoch);
        if (config.freezing().policy() != Policy.FULL) {
            freezing.requireSomethingToTrain(model, training);
        }
        balance = policies.lossBalance();
        optimizer = policies.optimizer();
        gradients = new StepGradients(model, workers, StepOptions.of(config));
    }

    /** Writes checkpoints, as often as the configuration says. */
    public void checkpointTo(Checkpoints target) {
        checkpoints = target;
    }

    /** Ends after the step during which {@code requested} becomes true. */
    public void stopWhen(BooleanSupplier requested) {
        stop = requested;
    }

    /** Optimizer steps that are done. */
    public int step() {
        return step;
    }

    /** What training will do. */
    public TrainingPlan plan() {
        return TrainingPlan.of(model, config, training, optimizer, freezing, steps);
    }

    /** Goes on from the last checkpoint; gives the number of steps that are done. */
    public int resume(Checkpoints from) {
        var counters = from.restore(model.parameters(), optimizer::restore);
        step = counters.step();
        finished = counters.finished();
        skipped = counters.skipped();
        lossSum = counters.lossSum();
        lossSteps = counters.lossSteps();
        best.restore(counters.bestScore(), counters.sinceBest());
        balance.restore(counters.balance());
        finished &= step >= steps || isPatienceOver();
        return step;
    }

    /** Trains to the end, or to a stop. */
    public Outcome train() {
        if (config.freezing().policy() == Policy.FULL) {
            listener.onNote("nothing to train: training.freezing.policy is full");
            evaluate();
            return Outcome.FINISHED;
        }
        if (step < steps && !finished && freezing.backboneNeverTrains()) {
            training.encode(model, workers, listener::onFeatures, listener::onNote);
        }
        training.explainEpoch(listener::onNote);
        IneffectiveSettings.notes(config, freezing, steps).forEach(listener::onNote);
        int evaluationSteps = config.evaluationSteps(perEpoch);
        int checkpointSteps = config.checkpointSteps(perEpoch);
        listener.onBegin();
        var epoch = List.<List<BatchSampler.Batch>>of();
        while (step < steps && !finished) {
            if (epoch.isEmpty() || step % perEpoch == 0) {
                epoch = training.plan().epoch(step / perEpoch);
            }
            trainStep(epoch.get(step % perEpoch));
            step++;
            if (step % perEpoch == 0) {
                balance.afterEpoch();
            }
            if (step == steps || step % evaluationSteps == 0) {
                evaluate();
            }
            finished = step == steps || isPatienceOver();
            if (isPatienceOver()) {
                listener.onNote(
                        "no better model in " + best.since() + " evaluations: training ends");
            }
            boolean stopping = stop.getAsBoolean() && !finished;
            if (finished || stopping || step % checkpointSteps == 0) {
                checkpoint(stopping);
            }
            if (stopping) {
                return Outcome.INTERRUPTED;
            }
        }
        return step < steps ? Outcome.STOPPED_EARLY : Outcome.FINISHED;
    }

    /** Forward and backward over the step's batches, clip, update. */
    private void trainStep(List<BatchSampler.Batch> batches) {
        long begun = System.nanoTime();
        var current = freeze();
        try (var sum = new GradientSum(model.parameters().names().size(), config.deterministic())) {
            var weights = balance.weights();
            double regularizer = balance.regularizer();
            long seed = RandomStream.mix(config.seed(), step);
            var result = gradients.run(training.microBatches(batches), weights, sum, seed);
            double norm = Optimizer.clip(sum.gradients(), config.maxGradNorm());
            double factor = scheduleFactor();
            if (isFinite(result, norm, sum.gradients(), batches)) {
                optimizer.step(sum.gradients(), factor);
                balance.afterStep(result.taskLosses());
                if (!result.taskLosses().isEmpty()) {
                    lossSum += result.loss() + regularizer;
                    lossSteps++;
                }
            }
            listener.onStep(
                    new TrainingListener.Step(
                            step + 1,
                            steps,
                            (step + 1.0) / perEpoch,
                            result.loss() + regularizer,
                            result.taskLosses(),
                            optimizer.learningRates(factor, current::trains),
                            norm,
                            result.tokens(),
                            (System.nanoTime() - begun) / 1e9));
        }
    }

    private double scheduleFactor() {
        return config.schedule()
                .factor(step, config.warmupSteps(steps), steps, config.polynomialPower());
    }

    /** Applies the freezing policy's stage, where a new one begins; gives the current one. */
    private Freezing.Stage freeze() {
        var current = freezing.at(step);
        if (current.equals(stage)) {
            return current;
        }
        gradients.train(current::trains, current.frozen());
        if (stage != null) {
            int layer = current.frozen().layers() + 1;
            listener.onNote(
                    current.frozen().embeddings()
                            ? "step %d: layer %d joins".formatted(step + 1, layer)
                            : "step %d: layer %d and the embeddings join"
                                    .formatted(step + 1, layer));
        }
        stage = current;
        return current;
    }

    /** Whether a step may be applied; else says why, and ends training unless it may be skipped. */
    private boolean isFinite(
            StepResult result,
            double norm,
            List<@Nullable Tensor> sums,
            List<BatchSampler.Batch> batches) {
        if (Double.isFinite(result.loss()) && Double.isFinite(norm)) {
            skippedInARow = 0;
            return true;
        }
        var tasks =
                Double.isFinite(result.loss())
                        ? NonFinite.tasks(model.parameters().names(), sums)
                        : List.<String>of();
        var problem = NonFinite.describe(step + 1, result, norm, tasks, batches, training);
        if (config.onNonFinite() == OnNonFinite.STOP) {
            throw NonFiniteException.stopped(problem);
        }
        skipped++;
        skippedInARow++;
        if (skippedInARow == MOST_SKIPPED) {
            throw NonFiniteException.skippedInVain(problem, skippedInARow);
        }
        listener.onNote(problem + "; the step is skipped, the " + skipped + ". so far");
        return false;
    }

    private void evaluate() {
        if (validation.isEmpty()) {
            if (step >= steps || config.freezing().policy() == Policy.FULL) {
                saveBest.accept(Optional.empty());
            }
            return;
        }
        long begun = System.nanoTime();
        var evaluation = new Evaluator(model, workers).evaluate(validation);
        double seconds = (System.nanoTime() - begun) / 1e9;
        boolean better = best.isBetter(evaluation);
        if (Double.isNaN(best.score(evaluation))) {
            listener.onNote(
                    "step %d: the score '%s', by which the best model is chosen, is no number"
                            .formatted(step, config.bestMetric()));
        }
        if (better) {
            saveBest.accept(Optional.of(evaluation.toScores(step)));
        }
        listener.onEvaluation(
                new TrainingListener.Evaluated(
                        step,
                        (double) step / perEpoch,
                        lossSteps == 0 ? null : lossSum / lossSteps,
                        evaluation,
                        better,
                        seconds));
        lossSum = 0;
        lossSteps = 0;
    }

    private boolean isPatienceOver() {
        var patience = config.earlyStoppingPatience();
        return patience != null && best.since() >= patience;
    }

    private void checkpoint(boolean always) {
        if (checkpoints == null
                || (config.checkpointEvery().equals(TrainingConfig.NEVER) && !always)) {
            return;
        }
        var path =
                checkpoints.write(
                        new TrainerState(
                                step,
                                finished,
                                skipped,
                                lossSum,
                                lossSteps,
                                best.best(),
                                best.since(),
                                balance.state()),
                        model.parameters(),
                        optimizer.state());
        listener.onCheckpoint(step, path);
    }

    /** Frees the optimizer's and the workers' tensors; the model stays. */
    @Override
    public void close() {
        optimizer.close();
        gradients.close();
        training.close();
    }
}
