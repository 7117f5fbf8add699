package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.CheckpointedPass;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.sampling.MicroBatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * The gradients of one optimizer step: its micro-batches run forward and backward on the workers at
 * once, each on leaves of its own that share the weights' memory.
 */
public final class StepGradients implements AutoCloseable {
    private final MultiTaskModel model;
    private final Workers workers;
    private final StepOptions options;
    private final TensorScope owner = TensorScope.shared();
    private final BlockingQueue<Leaves> leaves;
    private Predicate<String> trainable = name -> true;
    private Frozen frozen = Frozen.NOTHING;

    public StepGradients(MultiTaskModel model, Workers workers, StepOptions options) {
        this.model = model;
        this.workers = workers;
        this.options = options;
        leaves = new ArrayBlockingQueue<>(workers.count());
        for (int i = 0; i < workers.count(); i++) {
            var copy = model.parameters().leaves(owner, trainable);
            leaves.add(new Leaves(copy, model.trainingEncoder(copy)));
        }
    }

    /** Leaves of all parameters, for one micro-batch at a time, and the backbone on them. */
    private record Leaves(Parameters parameters, TransformerEncoder encoder) {}

    /**
     * Says which parameters train from the next step on, and how much of the backbone runs without
     * a graph.
     */
    public void train(Predicate<String> names, Frozen frozenPart) {
        trainable = names;
        frozen = frozenPart;
        for (var copy : leaves) {
            for (var name : copy.parameters().names()) {
                Autograd.requireGrad(copy.parameters().get(name), names.test(name));
            }
        }
    }

    /**
     * Runs a step's micro-batches.
     *
     * @param lossWeights what each task's loss counts in the sum
     * @param sum takes the gradients of the mean loss over all items of the step
     * @param seed of the step's dropout
     */
    public StepResult run(
            List<MicroBatch> batches, Map<String, Double> lossWeights, GradientSum sum, long seed) {
        var step = new Step(countItems(batches), lossWeights, seed);
        var byTask = new LinkedHashMap<String, GradientSum>();
        try {
            if (options.projecting()) {
                step.items().keySet().forEach(task -> byTask.put(task, sum.another()));
            }
            var tasks = new ArrayList<Callable<SequencedMap<String, Double>>>();
            for (int i = 0; i < batches.size(); i++) {
                int index = i;
                tasks.add(() -> runOne(batches.get(index), index, step, sum, byTask));
            }
            var parts = workers.all(tasks);
            if (options.projecting()) {
                Pcgrad.combine(List.copyOf(byTask.values()), sum, seed);
            }
            return result(batches, parts, lossWeights);
        } finally {
            byTask.values().forEach(GradientSum::close);
        }
    }

    /**
     * What the micro-batches of a step share.
     *
     * @param items each task's items over the whole step
     */
    private record Step(Map<String, Double> items, Map<String, Double> lossWeights, long seed) {
        double weight(String task) {
            return lossWeights.getOrDefault(task, 1.0);
        }
    }

    private static StepResult result(
            List<MicroBatch> batches,
            List<SequencedMap<String, Double>> parts,
            Map<String, Double> lossWeights) {
        var losses = new LinkedHashMap<String, Double>();
        for (var part : parts) {
            part.forEach((task, loss) -> losses.merge(task, loss, Double::sum));
        }
        double total = 0;
        for (var entry : losses.entrySet()) {
            total += lossWeights.getOrDefault(entry.getKey(), 1.0) * entry.getValue();
        }
        long tokens =
                batches.stream()
                        .flatMap(batch -> batch.encodings().stream())
                        .mapToLong(Encoding::length)
                        .sum();
        return new StepResult(total, losses, tokens, parts);
    }

    /** Each task's items over the whole step. */
    private Map<String, Double> countItems(List<MicroBatch> batches) {
        var items = new LinkedHashMap<String, Double>();
        for (var batch : batches) {
            batch.targets()
                    .forEach(
                            (task, targets) ->
                                    items.merge(
                                            task,
                                            model.task(task).lossNormalizer(targets),
                                            Double::sum));
        }
        return items;
    }

    private SequencedMap<String, Double> runOne(
            MicroBatch batch,
            int index,
            Step step,
            GradientSum sum,
            SequencedMap<String, GradientSum> byTask)
            throws InterruptedException {
        var own = leaves.take();
        try (var scope = TensorScope.open();
                var _ =
                        options.draws() == StepOptions.Draws.BY_MICRO_BATCH
                                ? RandomStream.open(RandomStream.mix(step.seed(), index))
                                : null) {
            var pass = new Pass(own, batch, scope);
            var losses = pass.losses(step);
            if (options.projecting()) {
                takeByTask(pass, index, byTask);
            } else {
                pass.backward();
                sum.add(index, takeGradients(own.parameters()));
            }
            return losses;
        } catch (RuntimeException | Error e) {
            sum.abandon();
            byTask.values().forEach(GradientSum::abandon);
            throw e;
        } finally {
            leaves.add(own);
        }
    }

    /** Goes backward from each task's loss alone; the sums are apart. */
    private void takeByTask(Pass pass, int index, SequencedMap<String, GradientSum> byTask) {
        int left = pass.weighted.size();
        for (var entry : byTask.entrySet()) {
            var loss = pass.weighted.get(entry.getKey());
            if (loss != null) {
                Autograd.backward(loss, List.of(), --left > 0);
            }
            entry.getValue().add(index, takeGradients(pass.own.parameters()));
        }
    }

    /** Whether anything that trains is on the way to a task's loss. */
    private boolean hasGraph(String task) {
        return frozen.layers() < model.backboneConfig().numHiddenLayers()
                || model.parameters().names().stream()
                        .anyMatch(
                                name ->
                                        name.startsWith("heads.")
                                                && LayerwiseRates.taskOf(name).equals(task)
                                                && trainable.test(name));
    }

    /** One micro-batch's way through the network. */
    private final class Pass {
        private final Leaves own;
        private final MicroBatch batch;
        private final HeadBatch inputs;
        private final BackbonePass backbone;
        private final SequencedMap<String, Tensor> weighted = new LinkedHashMap<>();
        private final SequencedMap<String, Tensor> logits;

        Pass(Leaves own, MicroBatch batch, TensorScope scope) {
            this.own = own;
            this.batch = batch;
            inputs = model.batch(batch.texts(), batch.encodings(), batch.textsPerExample());
            try (var _ = autocast()) {
                backbone = backbone(scope);
                logits =
                        model.heads(
                                own.parameters(),
                                backbone.tokens(),
                                inputs,
                                Mode.TRAINING,
                                batch.targets().keySet());
            }
        }

        private BackbonePass backbone(TensorScope scope) {
            var known = batch.features();
            if (known != null) {
                return new BackbonePass.Direct(known.get());
            }
            return options.checkpointing()
                    ? new BackbonePass.Checkpointed(
                            new CheckpointedPass(own.encoder(), inputs.tokens(), frozen, scope))
                    : new BackbonePass.Direct(
                            own.encoder().forward(inputs.tokens(), Mode.TRAINING, frozen));
        }

        /**
         * What this micro-batch adds to the loss over the step of each task that has items in it;
         * keeps those weighted that something can learn from.
         */
        SequencedMap<String, Double> losses(Step step) {
            var losses = new LinkedHashMap<String, Double>();
            for (var entry : logits.entrySet()) {
                var task = entry.getKey();
                var targets = Objects.requireNonNull(batch.targets().get(task));
                double own = model.task(task).lossNormalizer(targets);
                if (own == 0) {
                    continue; // no loss, which is not a loss of 0
                }
                double share = own / Objects.requireNonNull(step.items().get(task));
                var scores = entry.getValue().to(DType.FLOAT32);
                var loss = model.task(task).loss(this.own.parameters(), scores, inputs, targets);
                losses.put(task, loss.item() * share);
                if (hasGraph(task)) {
                    weighted.put(task, loss.mul(share * step.weight(task)));
                }
            }
            return losses;
        }

        void backward() {
            weighted.values().stream().reduce(Tensor::add).ifPresent(Autograd::backward);
            if (!weighted.isEmpty()) {
                try (var _ = autocast()) {
                    backbone.backward();
                }
            }
        }

        private @Nullable Autocast autocast() {
            return options.precision() == Precision.BF16
                    ? Autocast.open(model.device(), DType.BFLOAT16)
                    : null;
        }
    }

    /**
     * One gradient for each parameter in the model's order, null for those that do not train or
     * took no part.
     */
    private List<@Nullable Tensor> takeGradients(Parameters weights) {
        var gradients = new ArrayList<@Nullable Tensor>();
        for (var name : weights.names()) {
            gradients.add(
                    trainable.test(name)
                            ? Autograd.takeGrad(weights.get(name)).orElse(null)
                            : null);
        }
        return gradients;
    }

    @Override
    public void close() {
        owner.close();
    }
}
