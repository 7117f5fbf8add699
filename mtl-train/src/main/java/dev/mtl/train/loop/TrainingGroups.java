package dev.mtl.train.loop;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.ArityCheck;
import dev.mtl.train.data.Dataset;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** The training data, tokenized, and in which order it is seen. */
final class TrainingGroups implements AutoCloseable {
    /**
     * On a CPU larger batches are cut, and a step has at least two, so that every core has some:
     * the gradients are the same, and batches of this size run as fast for each text as larger
     * ones. It does not depend on the number of cores, which the bits must not.
     */
    private static final int CPU_BATCH = 16;

    /** The share of main memory that features may take. */
    private static final double FEATURE_SHARE = 0.25;

    private final List<PreparedGroup> groups;
    private final List<String> cuts;
    private final BatchPlan plan;

    TrainingGroups(MultiTaskModel model, TrainingConfig config, List<Dataset> training) {
        ArityCheck.require(model, training);
        groups =
                training.stream()
                        .map(group -> new PreparedGroup(LongExamples.cut(group, model), model))
                        .toList();
        cuts = CutTexts.inTraining(model, groups);
        plan =
                new BatchPlan(
                        groups.stream().map(group -> planned(group, model, config)).toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        config.sampling(),
                        config.samplingExponent(),
                        config.seed());
    }

    private static BatchPlan.Group planned(
            PreparedGroup group, MultiTaskModel model, TrainingConfig config) {
        boolean exact =
                group.group().tasks().stream()
                        .anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var cut = exact ? BatchPlan.Cut.EXACT : BatchPlan.Cut.EVEN;
            return new BatchPlan.Group(group.lengths(), config.batchSize(), cut);
        }
        int size = Math.min(config.batchSize(), CPU_BATCH);
        return new BatchPlan.Group(group.lengths(), size, BatchPlan.Cut.SPREAD);
    }

    BatchPlan plan() {
        return plan;
    }

    List<PreparedGroup> groups() {
        return groups;
    }

    /** Says what an epoch sees, where that is not simply all of it. */
    void explainEpoch(TrainingListener listener) {
        cuts.forEach(listener::onNote);
        if (groups.size() < 2) {
            return;
        }
        var parts = new ArrayList<String>();
        for (int i = 0; i < groups.size(); i++) {
            var group = groups.get(i).group();
            parts.add(
                    String.format(
                            Locale.ROOT,
                            "each of the %d texts of %s %.2f times",
                            group.examples().size(),
                            String.join(", ", group.tasks()),
                            plan.passesPerEpoch(i)));
        }
        listener.onNote(
                "an epoch is "
                        + plan.stepsPerEpoch()
                        + " steps and sees "
                        + String.join(", ", parts));
    }

    /** The data group that a batch is of. */
    Dataset group(BatchPlan.Batch batch) {
        return groups.get(batch.group()).group();
    }

    List<MicroBatch> microBatches(List<BatchPlan.Batch> batches) {
        return batches.stream()
                .map(batch -> groups.get(batch.group()).microBatch(batch.examples()))
                .toList();
    }

    /** Runs a backbone that does not train once over all texts, if the results fit in memory. */
    void encode(MultiTaskModel model, Workers workers, TrainingListener listener) {
        int hiddenSize = model.bert().config().hiddenSize();
        long bytes =
                groups.stream()
                        .mapToLong(group -> FeatureCache.bytes(group.encodings(), hiddenSize))
                        .sum();
        if (bytes > FEATURE_SHARE * mainMemory()) {
            listener.onNote(
                    "the features of all texts take %d MB, too much to keep: the frozen backbone runs in every epoch"
                            .formatted(bytes >> 20));
            return;
        }
        int texts = groups.stream().mapToInt(group -> group.encodings().size()).sum();
        var done = new AtomicInteger();
        for (var group : groups) {
            group.encode(
                    model,
                    workers,
                    EncoderOptions.DEFAULT_BATCH_TOKENS,
                    count -> listener.onFeatures(done.addAndGet(count), texts));
        }
        listener.onNote(
                "the backbone is frozen: features of %d texts are computed once, %d MB"
                        .formatted(texts, bytes >> 20));
    }

    private static long mainMemory() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Runtime.getRuntime().maxMemory();
    }

    @Override
    public void close() {
        groups.forEach(PreparedGroup::close);
    }
}
