package dev.mtl.train.loop;

import dev.mtl.core.head.SplitText;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.DataGroup;
import dev.mtl.train.optim.LayerwiseRates;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** Trains all heads and the backbone of a model together. */
public final class Trainer implements AutoCloseable {
    /**
     * On a CPU larger batches are cut, so that every core has some: the gradients are the same, and
     * batches of this size run as fast for each text as larger ones. It does not depend on the
     * number of cores, which the bits must not.
     */
    private static final int CPU_BATCH = 8;

    private final MultiTaskModel model;
    private final TrainingConfig config;
    private final List<Prepared> groups;
    private final List<DataGroup> validation;
    private final TrainingListener listener;
    private final Runnable saveBest;
    private final Workers workers;
    private final StepGradients gradients;
    private final Optimizer optimizer;
    private final BatchPlan plan;
    private final BestModel best;

    /** A data group whose texts are tokenized. */
    private record Prepared(DataGroup group, List<SplitText> texts, List<Encoding> encodings) {}

    /**
     * Prepares training.
     *
     * @param tasks of the model, with the weights of their losses
     * @param training what to learn from
     * @param validation what to choose the best model by; may be empty: then it is the last one
     * @param workers run the batches; the caller closes them after this trainer
     * @param saveBest writes the model as it is, called whenever it is the best so far
     */
    public Trainer(
            MultiTaskModel model,
            Collection<TaskConfig> tasks,
            TrainingConfig config,
            List<DataGroup> training,
            List<DataGroup> validation,
            Workers workers,
            TrainingListener listener,
            Runnable saveBest) {
        this.model = model;
        this.config = config;
        this.validation = List.copyOf(validation);
        this.workers = workers;
        this.listener = listener;
        this.saveBest = saveBest;
        groups = training.stream().map(this::prepare).toList();
        plan =
                new BatchPlan(
                        groups.stream()
                                .map(
                                        g ->
                                                g.encodings().stream()
                                                        .mapToInt(Encoding::length)
                                                        .toArray())
                                .toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        model.device().isCpu()
                                ? Math.min(config.batchSize(), CPU_BATCH)
                                : config.batchSize(),
                        config.seed());
        var lossWeights =
                tasks.stream().collect(Collectors.toMap(TaskConfig::name, TaskConfig::lossWeight));
        gradients =
                new StepGradients(model, workers, lossWeights, StepGradients.Draws.BY_MICRO_BATCH);
        var rates =
                new LayerwiseRates(
                        config.baseLr(),
                        config.layerLrDecay(),
                        config.weightDecay(),
                        model.bert().config().numHiddenLayers());
        optimizer =
                new Optimizer(
                        model.parameters(),
                        rates::groupOf,
                        config.adamBeta1(),
                        config.adamBeta2(),
                        config.adamEps());
        best = new BestModel(model, lossWeights);
    }

    private Prepared prepare(DataGroup group) {
        var texts = group.examples().stream().map(e -> SplitText.ofWords(e.words())).toList();
        return new Prepared(group, texts, texts.stream().map(model::tokenize).toList());
    }

    /** Optimizer steps of the whole training. */
    public int steps() {
        var max = config.maxSteps();
        return max == null ? config.epochs() * plan.stepsPerEpoch() : max;
    }

    /** Trains to the end. */
    public void train() {
        var freezing = Freezing.of(config.freezing(), model.bert().config().numHiddenLayers());
        gradients.train(freezing.trainable(), freezing.frozen());
        int steps = steps();
        int perEpoch = plan.stepsPerEpoch();
        double lossSinceEvaluation = 0;
        var epoch = plan.epoch(0);
        for (int step = 0; step < steps; step++) {
            if (step > 0 && step % perEpoch == 0) {
                epoch = plan.epoch(step / perEpoch);
            }
            var result = step(step, steps, epoch.get(step % perEpoch));
            lossSinceEvaluation += result.loss();
            boolean last = step + 1 == steps;
            if (last || (step + 1) % perEpoch == 0) {
                int since = step % perEpoch + 1;
                evaluate(step + 1, lossSinceEvaluation / since, last);
                lossSinceEvaluation = 0;
            }
        }
    }

    /** Forward and backward over the step's batches, clip, update. */
    private StepResult step(int step, int steps, List<BatchPlan.Batch> batches) {
        try (var sum = new GradientSum(model.parameters().names().size())) {
            var result =
                    gradients.run(
                            batches.stream().map(this::microBatch).toList(),
                            sum,
                            RandomStream.mix(config.seed(), step));
            double norm = Optimizer.clip(sum.gradients(), config.maxGradNorm());
            double factor = config.schedule().factor(step, config.warmupSteps(steps), steps);
            optimizer.step(sum.gradients(), factor);
            listener.onStep(
                    new TrainingListener.Step(
                            step + 1,
                            steps,
                            (step + 1.0) / plan.stepsPerEpoch(),
                            result.loss(),
                            result.taskLosses(),
                            optimizer.learningRates(factor),
                            norm,
                            result.tokens()));
            return result;
        }
    }

    private MicroBatch microBatch(BatchPlan.Batch batch) {
        var from = groups.get(batch.group());
        var targets = new LinkedHashMap<String, List<Target>>();
        for (var task : from.group().tasks()) {
            var own = new ArrayList<Target>();
            for (int index : batch.examples()) {
                own.add(target(from.group(), index, task));
            }
            targets.put(task, own);
        }
        return new MicroBatch(
                Arrays.stream(batch.examples()).mapToObj(from.texts()::get).toList(),
                Arrays.stream(batch.examples()).mapToObj(from.encodings()::get).toList(),
                targets);
    }

    private static Target target(DataGroup group, int index, String task) {
        var target = group.examples().get(index).targets().get(task);
        return java.util.Objects.requireNonNull(target, task);
    }

    private void evaluate(int step, double trainLoss, boolean last) {
        if (validation.isEmpty()) {
            if (last) {
                saveBest.run();
            }
            return;
        }
        var evaluation = new Evaluator(model, workers).evaluate(validation);
        boolean better = best.isBetter(evaluation);
        if (better) {
            saveBest.run();
        }
        listener.onEvaluation(
                new TrainingListener.Evaluated(
                        step, (double) step / plan.stepsPerEpoch(), trainLoss, evaluation, better));
    }

    /** Frees the optimizer's and the workers' tensors; the model stays. */
    @Override
    public void close() {
        optimizer.close();
        gradients.close();
    }
}
