package dev.mtl.train.sampling;

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
import java.util.function.Consumer;

/** The training data, tokenized, and in which order it is seen. */
public final class TrainingGroups implements AutoCloseable {
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
    private final BatchSampler plan;

    public TrainingGroups(MultiTaskModel model, TrainingConfig config, List<Dataset> training) {
        ArityCheck.require(model, training);
        groups =
                training.stream()
                        .map(group -> new PreparedGroup(LongExamples.cut(group, model), model))
                        .toList();
        cuts = CutTexts.inTraining(model, groups);
        plan =
                new BatchSampler(
                        groups.stream().map(group -> planned(group, model, config)).toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        config.sampling(),
                        config.samplingExponent(),
                        config.seed());
    }

    private static BatchSampler.Group planned(
            PreparedGroup group, MultiTaskModel model, TrainingConfig config) {
        boolean exact =
                group.group().tasks().stream()
                        .anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var cut = exact ? BatchSampler.Cut.EXACT : BatchSampler.Cut.EVEN;
            return new BatchSampler.Group(group.lengths(), config.batchSize(), cut);
        }
        int size = Math.min(config.batchSize(), CPU_BATCH);
        return new BatchSampler.Group(group.lengths(), size, BatchSampler.Cut.SPREAD);
    }

    public BatchSampler plan() {
        return plan;
    }

    public List<PreparedGroup> groups() {
        return groups;
    }

    /** Hears how many texts of all are encoded; from any thread. */
    public interface Progress {
        void encoded(int texts, int ofTexts);
    }

    /** Notes on what an epoch sees, where that is not simply every text once. */
    public void explainEpoch(Consumer<String> notes) {
        cuts.forEach(notes);
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
        notes.accept(
                "an epoch is "
                        + plan.stepsPerEpoch()
                        + " steps and sees "
                        + String.join(", ", parts));
    }

    /** The data group that a batch is of. */
    public Dataset group(BatchSampler.Batch batch) {
        return groups.get(batch.group()).group();
    }

    public List<MicroBatch> microBatches(List<BatchSampler.Batch> batches) {
        return batches.stream()
                .map(batch -> groups.get(batch.group()).microBatch(batch.examples()))
                .toList();
    }

    /** Runs a backbone that does not train once over all texts, if the results fit in memory. */
    public void encode(
            MultiTaskModel model, Workers workers, Progress progress, Consumer<String> notes) {
        int hiddenSize = model.backboneConfig().hiddenSize();
        long bytes =
                groups.stream()
                        .mapToLong(group -> FeatureCache.bytes(group.texts(), hiddenSize))
                        .sum();
        if (bytes > FEATURE_SHARE * mainMemory()) {
            notes.accept(
                    "the features of all texts take %d MB, too much to keep: the frozen backbone runs in every epoch"
                            .formatted(bytes >> 20));
            return;
        }
        int texts = groups.stream().mapToInt(group -> group.texts().size()).sum();
        var done = new AtomicInteger();
        for (var group : groups) {
            group.encode(
                    model,
                    workers,
                    EncoderOptions.DEFAULT_BATCH_TOKENS,
                    count -> progress.encoded(done.addAndGet(count), texts));
        }
        notes.accept(
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
