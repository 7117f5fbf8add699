package dev.mtl.train.step;

import dev.mtl.core.head.TaskHead;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.sampling.MicroBatch;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one optimizer step minimizes:
 *
 * <pre>
 * L = sum over tasks t of w_t * sum over micro-batches b of (n_tb / n_t) * loss_tb
 * </pre>
 *
 * where {@code loss_tb} is the mean loss of task t over its {@code n_tb} labelled items in
 * micro-batch b, {@code n_t} counts its items in the whole step, and {@code w_t} is its weight.
 * Each item so counts the same, however the step is cut into micro-batches: the gradients are those
 * of one large batch.
 *
 * <p>With R-Drop (Liang et al. 2021, arXiv 2106.14448) a micro-batch runs twice, with different
 * dropout, and {@code loss_tb} is the mean of both losses plus {@code alpha} times the {@link
 * dev.mtl.core.head.TaskHead#divergence} between the passes.
 */
final class Objective {
    /** Between a task and the name of a part of its loss; tasks have none in their names. */
    private static final String PART = ".";

    private final MultiTaskModel model;
    private final MixedPrecision precision;
    private final Map<String, Double> weights;
    private final double regularizer;
    private final double rDrop;
    private final SequencedMap<String, Double> items = new LinkedHashMap<>();
    private final Set<String> learning;

    /**
     * The objective of a step.
     *
     * @param balance gives the tasks' weights
     * @param stage which parameters train
     * @param rDrop the weight of the divergence between two passes; 0 for one pass
     */
    Objective(
            MultiTaskModel model,
            MixedPrecision precision,
            LossBalance balance,
            Freezing.Stage stage,
            double rDrop,
            List<MicroBatch> step) {
        this.model = model;
        this.rDrop = rDrop;
        this.precision = precision;
        weights = balance.weights();
        regularizer = balance.regularizer();
        for (var batch : step) {
            for (var task : batch.targets().sequencedKeySet()) {
                items.merge(task, items(task, batch), Double::sum);
            }
        }
        learning =
                items.keySet().stream()
                        .filter(task -> stage.reaches(task, model))
                        .collect(Collectors.toSet());
    }

    /** The tasks that the step has targets of. */
    SequencedSet<String> tasks() {
        return items.sequencedKeySet();
    }

    /** n_tb: the items of a task that its loss in a micro-batch is the mean of. */
    private double items(String task, MicroBatch batch) {
        var targets = Objects.requireNonNull(batch.targets().get(task), task);
        return model.task(task).lossNormalizer(targets);
    }

    private double weight(String task) {
        return weights.getOrDefault(task, 1.0);
    }

    /** The part of a micro-batch that runs twice; empty if no task learns from two passes. */
    Optional<MicroBatch> again(MicroBatch batch) {
        if (rDrop == 0) {
            return Optional.empty();
        }
        var twice =
                batch.ofTasks(
                        task ->
                                learning.contains(task)
                                        && items(task, batch) > 0
                                        && model.task(task).head().hasDivergence());
        return twice.targets().isEmpty() ? Optional.empty() : Optional.of(twice);
    }

    /**
     * Runs the heads of a micro-batch: its summands of L.
     *
     * @param again the second pass over what runs twice
     */
    MicroBatchLoss loss(EncodedBatch encoded, Optional<EncodedBatch> again, MicroBatch batch) {
        var values = new LinkedHashMap<String, Double>();
        var terms = new LinkedHashMap<String, Tensor>();
        var first = logits(encoded);
        var second = again.map(this::logits).orElseGet(LinkedHashMap::new);
        first.forEach(
                (task, logits) -> {
                    double count = items(task, batch);
                    if (count == 0) {
                        return; // no loss, which is not a loss of 0
                    }
                    double share = count / Objects.requireNonNull(items.get(task));
                    var loss = loss(task, logits, second.get(task), encoded, batch);
                    values.put(task, share * loss.loss().item());
                    loss.parts()
                            .forEach(
                                    (name, part) ->
                                            values.put(task + PART + name, share * part.item()));
                    if (learning.contains(task)) {
                        terms.put(task, loss.loss().mul(weight(task) * share));
                    }
                });
        return new MicroBatchLoss(
                encoded.replica(),
                values,
                terms,
                done -> {
                    again.ifPresent(pass -> pass.backward().accept(layer -> {}));
                    encoded.backward().accept(done);
                });
    }

    private SequencedMap<String, Tensor> logits(EncodedBatch encoded) {
        var logits = new LinkedHashMap<String, Tensor>();
        try (var _ = precision.open()) {
            for (var pass : encoded.passes()) {
                logits.putAll(
                        model.heads(
                                encoded.replica().weights(),
                                pass.embeddings(),
                                encoded.inputs(),
                                Mode.TRAINING,
                                pass.tasks()));
            }
        }
        return logits;
    }

    /**
     * loss_tb, a scalar in float32, and its parts.
     *
     * @param again the logits of the second pass, null if there is none
     */
    private TaskHead.LossParts loss(
            String name,
            Tensor logits,
            @Nullable Tensor again,
            EncodedBatch encoded,
            MicroBatch batch) {
        var task = model.task(name);
        var weights = encoded.replica().weights();
        var targets = Objects.requireNonNull(batch.targets().get(name));
        var one = logits.to(DType.FLOAT32);
        var loss = task.loss(weights, one, encoded.inputs(), targets);
        if (again == null) {
            return loss;
        }
        var other = again.to(DType.FLOAT32);
        var mean = mean(loss, task.loss(weights, other, encoded.inputs(), targets));
        var divergence = task.divergence(weights, one, other, encoded.inputs(), targets);
        return new TaskHead.LossParts(mean.loss().add(divergence.mul(rDrop)), mean.parts());
    }

    private static TaskHead.LossParts mean(TaskHead.LossParts one, TaskHead.LossParts other) {
        var parts = new LinkedHashMap<String, Tensor>();
        one.parts()
                .forEach(
                        (name, part) ->
                                parts.put(
                                        name,
                                        part.add(other.parts().getOrDefault(name, part)).mul(0.5)));
        return new TaskHead.LossParts(one.loss().add(other.loss()).mul(0.5), parts);
    }

    /**
     * Each task's mean loss over the step's items, not weighted; without tasks that have none.
     *
     * @param values {@link MicroBatchLoss#values} of all micro-batches, in their order
     */
    static SequencedMap<String, Double> taskLosses(List<SequencedMap<String, Double>> values) {
        var losses = sums(values);
        losses.keySet().removeIf(key -> key.contains(PART));
        return losses;
    }

    /**
     * The parts of each task's mean loss, by task and name; without tasks that name none.
     *
     * @param values {@link MicroBatchLoss#values} of all micro-batches, in their order
     */
    static SequencedMap<String, SequencedMap<String, Double>> lossParts(
            List<SequencedMap<String, Double>> values) {
        var parts = new LinkedHashMap<String, SequencedMap<String, Double>>();
        sums(values)
                .forEach(
                        (key, value) -> {
                            int dot = key.indexOf(PART);
                            if (dot >= 0) {
                                parts.computeIfAbsent(
                                                key.substring(0, dot), t -> new LinkedHashMap<>())
                                        .put(key.substring(dot + 1), value);
                            }
                        });
        return parts;
    }

    private static SequencedMap<String, Double> sums(List<SequencedMap<String, Double>> values) {
        var sums = new LinkedHashMap<String, Double>();
        for (var ofMicroBatch : values) {
            ofMicroBatch.forEach((key, value) -> sums.merge(key, value, Double::sum));
        }
        return sums;
    }

    /** L, with the regularizer of the task weights. */
    double total(Map<String, Double> taskLosses) {
        double sum = 0;
        for (var task : taskLosses.entrySet()) {
            sum += weight(task.getKey()) * task.getValue();
        }
        return sum + regularizer;
    }
}
