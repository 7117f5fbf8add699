package dev.mtl.train.loop;

import dev.mtl.core.bert.Frozen;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * The gradients of one optimizer step: its micro-batches run forward and backward on the workers at
 * once, each on leaves of its own that share the weights' memory.
 */
final class StepGradients implements AutoCloseable {
    private final MultiTaskModel model;
    private final Workers workers;
    private final Map<String, Double> lossWeights;
    private final Draws draws;
    private final TensorScope owner = TensorScope.shared();
    private final BlockingQueue<Parameters> leaves;
    private Predicate<String> trainable = name -> true;
    private Frozen frozen = Frozen.NOTHING;

    /** Where dropout draws from. */
    enum Draws {
        /**
         * From a stream that follows from seed, step and micro-batch: the same with any number of
         * workers.
         */
        BY_MICRO_BATCH,
        /**
         * From LibTorch's global generator in the order of the operators, as PyTorch does; for one
         * worker.
         */
        GLOBAL
    }

    StepGradients(
            MultiTaskModel model, Workers workers, Map<String, Double> lossWeights, Draws draws) {
        this.model = model;
        this.workers = workers;
        this.lossWeights = Map.copyOf(lossWeights);
        this.draws = draws;
        leaves = new ArrayBlockingQueue<>(workers.count());
        for (int i = 0; i < workers.count(); i++) {
            leaves.add(model.parameters().leaves(owner, trainable));
        }
    }

    /**
     * Says which parameters train from the next step on, and how much of the backbone runs without
     * a graph.
     */
    void train(Predicate<String> names, Frozen frozenPart) {
        trainable = names;
        frozen = frozenPart;
        for (var copy : leaves) {
            for (var name : copy.names()) {
                Autograd.requireGrad(copy.get(name), names.test(name));
            }
        }
    }

    /**
     * Runs a step's micro-batches.
     *
     * @param sum takes the gradients of the mean loss over all items of the step
     * @param seed of the step's dropout
     */
    StepResult run(List<MicroBatch> batches, GradientSum sum, long seed) {
        var items = countItems(batches);
        var tasks = new ArrayList<Callable<SequencedMap<String, Double>>>();
        for (int i = 0; i < batches.size(); i++) {
            int index = i;
            tasks.add(() -> runOne(batches.get(index), index, items, sum, seed));
        }
        var losses = new LinkedHashMap<String, Double>();
        for (var part : workers.all(tasks)) {
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
        return new StepResult(total, losses, tokens);
    }

    /** Each task's items over the whole step. */
    private Map<String, Double> countItems(List<MicroBatch> batches) {
        var items = new LinkedHashMap<String, Double>();
        for (var batch : batches) {
            batch.targets()
                    .forEach(
                            (task, targets) ->
                                    items.merge(task, items(task, batch, targets), Double::sum));
        }
        return items;
    }

    private double items(String task, MicroBatch batch, List<dev.mtl.core.head.Target> targets) {
        return model.task(task).head().items(batch.encodings(), targets);
    }

    private SequencedMap<String, Double> runOne(
            MicroBatch batch, int index, Map<String, Double> items, GradientSum sum, long seed)
            throws InterruptedException {
        var weights = leaves.take();
        try (var _ = TensorScope.open();
                var _ =
                        draws == Draws.BY_MICRO_BATCH
                                ? RandomStream.open(RandomStream.mix(seed, index))
                                : null) {
            var losses = forwardAndBackward(weights, batch, items);
            sum.add(index, takeGradients(weights));
            return losses;
        } catch (RuntimeException | Error e) {
            sum.abandon();
            throw e;
        } finally {
            leaves.add(weights);
        }
    }

    private SequencedMap<String, Double> forwardAndBackward(
            Parameters weights, MicroBatch batch, Map<String, Double> items) {
        var inputs = model.batch(batch.texts(), batch.encodings());
        var tokens = model.encode(weights, inputs, Mode.TRAINING, frozen);
        var logits = model.heads(weights, tokens, inputs, Mode.TRAINING, batch.targets().keySet());
        @Nullable Tensor total = null;
        var losses = new LinkedHashMap<String, Double>();
        for (var entry : logits.entrySet()) {
            var task = entry.getKey();
            var targets = java.util.Objects.requireNonNull(batch.targets().get(task));
            double own = items(task, batch, targets);
            if (own == 0) {
                losses.put(task, 0.0);
                continue;
            }
            double share = own / java.util.Objects.requireNonNull(items.get(task));
            var loss = model.task(task).head().loss(entry.getValue(), inputs, targets);
            losses.put(task, loss.item() * share);
            var weighted = loss.mul(share * lossWeights.getOrDefault(task, 1.0));
            total = total == null ? weighted : total.add(weighted);
        }
        if (total != null) {
            Autograd.backward(total);
        }
        return losses;
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
