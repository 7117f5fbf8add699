package dev.mtl.train.step;

import dev.mtl.core.MtlException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.ParameterUpdate;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.sampling.MicroBatch;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** One optimizer step: forward, loss and backward of its micro-batches, clipping, update. */
public final class TrainingStep implements AutoCloseable {
    private final MultiTaskModel model;
    private final TrainingEncoder encoder;
    private final LossBalance balance;
    private final BackwardStrategy strategy;
    private final DataParallelism parallelism;
    private final Settings settings;
    private final ParameterUpdate optimizer;
    private Freezing.Stage stage = Freezing.Stage.EVERYTHING;

    /**
     * The numbers of a step.
     *
     * @param seed of the whole run; what is drawn in a step follows from it and the step's number
     * @param maxGradNorm the global norm that gradients are clipped to, 0 for no limit
     * @param rDrop the weight of the divergence between two passes, 0 for one pass
     * @param schedule of the learning rates
     */
    public record Settings(
            long seed, double maxGradNorm, double rDrop, LearningRateSchedule schedule) {}

    /**
     * Puts a step together.
     *
     * @param encoder the forward pass up to the token embeddings
     * @param balance the weights of the tasks
     * @param strategy how losses become gradients
     * @param parallelism where micro-batches run; closed with this object
     * @param optimizer applies the gradients
     */
    public TrainingStep(
            MultiTaskModel model,
            TrainingEncoder encoder,
            LossBalance balance,
            BackwardStrategy strategy,
            DataParallelism parallelism,
            ParameterUpdate optimizer,
            Settings settings) {
        this.model = model;
        this.encoder = encoder;
        this.balance = balance;
        this.strategy = strategy;
        this.parallelism = parallelism;
        this.optimizer = optimizer;
        this.settings = settings;
    }

    /** Says which parameters train from the next step on. */
    public void train(Freezing.Stage next) {
        stage = next;
        parallelism.train(next::trains);
    }

    /** Which parameters train. */
    public Freezing.Stage stage() {
        return stage;
    }

    /**
     * Takes a step. It changes nothing if its loss or a gradient is infinite or NaN.
     *
     * @param number of the step, from 0
     */
    public StepResult run(int number, List<MicroBatch> step) {
        long seed = RandomStream.mix(settings.seed(), number);
        var objective =
                new Objective(model, encoder.precision(), balance, stage, settings.rDrop(), step);
        try (var backward = strategy.begin(objective.tasks(), parallelism, seed)) {
            var losses =
                    parallelism.forEach(
                            step,
                            seed,
                            backward,
                            (replica, microBatch) -> {
                                var loss = loss(objective, replica, microBatch);
                                backward.accumulate(loss);
                                return loss.values();
                            });
            var taskLosses = Objective.taskLosses(losses);
            var gradients = backward.gradients(taskLosses);
            double norm = Optimizer.clip(gradients, settings.maxGradNorm());
            var result = result(objective, losses, taskLosses, norm, gradients, step);
            if (result.isFinite()) {
                optimizer.step(gradients, settings.schedule().factor(number));
                balance.afterStep(result.taskLosses());
                if (balance.readsLossesAgain()) {
                    balance.afterUpdate(afterUpdate(objective, backward, step, seed));
                }
            }
            return result;
        }
    }

    /** Forward, twice where two passes are compared. */
    private MicroBatchLoss loss(Objective objective, Replica replica, MicroBatch batch) {
        boolean byLayers = replica.awaited() && strategy.goesByLayers();
        var encoded = encoder.forward(replica, batch, stage.frozen(), byLayers);
        var again =
                objective
                        .again(batch)
                        .map(twice -> encoder.forward(replica, twice, stage.frozen(), byLayers));
        return objective.loss(encoded, again, batch);
    }

    /** A failure elsewhere leaves no whole step: the parameters have changed already. */
    private SequencedMap<String, Double> afterUpdate(
            Objective objective,
            BackwardStrategy.Backward backward,
            List<MicroBatch> step,
            long seed) {
        try {
            return lossesAgain(objective, backward, step, seed);
        } catch (CollectiveException e) {
            throw new MtlException(e.getMessage() + "; continue with --resume", e);
        }
    }

    /** The losses of the same examples with the new parameters and the same dropout. */
    private SequencedMap<String, Double> lossesAgain(
            Objective objective,
            BackwardStrategy.Backward backward,
            List<MicroBatch> step,
            long seed) {
        return Objective.taskLosses(
                parallelism.forEach(
                        step,
                        seed,
                        backward,
                        (replica, microBatch) -> {
                            try (var _ = Autograd.noGrad()) {
                                return loss(objective, replica, microBatch).values();
                            }
                        }));
    }

    private StepResult result(
            Objective objective,
            List<SequencedMap<String, Double>> losses,
            SequencedMap<String, Double> taskLosses,
            double norm,
            List<@Nullable Tensor> gradients,
            List<MicroBatch> step) {
        double total = objective.total(taskLosses);
        boolean gradientsAlone = Double.isFinite(total) && !Double.isFinite(norm);
        long tokens = step.stream().mapToLong(this::tokens).sum();
        return new StepResult(
                total,
                taskLosses,
                Objective.lossParts(losses),
                norm,
                tokens,
                losses,
                gradientsAlone
                        ? NonFinite.tasks(model.parameters().names(), gradients)
                        : List.of());
    }

    /** The number of tokens that the encoder reads, without padding. */
    private long tokens(MicroBatch batch) {
        var texts =
                model.readsTexts(batch.targets().keySet())
                        ? batch.encodings().stream()
                        : Stream.<Encoding>empty();
        return Stream.concat(texts, batch.pairs().stream().map(TokenizedPair::encoding))
                .mapToLong(Encoding::length)
                .sum();
    }

    /** Frees the replicas; the optimizer stays. */
    @Override
    public void close() {
        parallelism.close();
    }
}
