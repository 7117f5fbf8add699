package dev.mtl.train.sampling;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.ArityCheck;
import dev.mtl.train.data.Dataset;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The training data, tokenized, and in which order it is seen. */
public final class TrainingGroups implements AutoCloseable {
    /** The share of main memory that features may take. */
    private static final double FEATURE_SHARE = 0.25;

    private final List<PreparedGroup> groups;
    private final List<String> cuts;
    private final BatchSampler sampler;

    public TrainingGroups(MultiTaskModel model, TrainingConfig config, List<Dataset> training) {
        ArityCheck.require(model, training);
        groups =
                training.stream()
                        .map(group -> new PreparedGroup(LongExamples.cut(group, model), model))
                        .toList();
        cuts = CutTexts.inTraining(model, groups);
        sampler =
                new BatchSampler(
                        groups.stream().map(group -> planned(group, model, config)).toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        config.sampling(),
                        config.samplingExponent(),
                        config.seed());
    }

    private static BatchSampler.Source planned(
            PreparedGroup group, MultiTaskModel model, TrainingConfig config) {
        boolean exact =
                group.group().tasks().stream()
                        .anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var split = exact ? BatchSplit.FIXED_SIZE : BatchSplit.EQUAL_PADDED_SIZE;
            return new BatchSampler.Source(group.lengths(), config.batchSize(), split);
        }
        // Larger batches are divided, so that every core has some: the gradients are the same, and
        // batches of this size take as long per text.
        int size = Math.min(config.batchSize(), Tuning.current().trainingBatch());
        return new BatchSampler.Source(group.lengths(), size, BatchSplit.EQUAL_TOKENS);
    }

    /** Which examples make which step. */
    public BatchSampler sampler() {
        return sampler;
    }

    public List<PreparedGroup> groups() {
        return groups;
    }

    /** Hears how many texts of all are encoded; from any thread. */
    public interface Progress {
        void encoded(int texts, int ofTexts);
    }

    /** One line for each data group with texts that the model sees the beginning of only. */
    public List<String> truncations() {
        return cuts;
    }

    /** The data group that a batch is of. */
    public Dataset group(BatchSampler.Batch batch) {
        return groups.get(batch.dataset()).group();
    }

    public List<MicroBatch> microBatches(List<BatchSampler.Batch> batches) {
        return batches.stream()
                .map(batch -> groups.get(batch.dataset()).microBatch(batch.examples()))
                .toList();
    }

    /** Bytes that the token embeddings of all texts take. */
    public long featureBytes(MultiTaskModel model) {
        int hiddenSize = model.backboneConfig().hiddenSize();
        return groups.stream()
                .mapToLong(group -> FeatureCache.bytes(group.texts(), hiddenSize))
                .sum();
    }

    /** Whether that is little enough to keep them in memory. */
    public static boolean fitsInMemory(long featureBytes) {
        return featureBytes <= FEATURE_SHARE * mainMemory();
    }

    /** Runs an encoder that does not train once over all texts and keeps the results. */
    public void encode(MultiTaskModel model, Workers workers, Progress progress) {
        int texts = textCount();
        var done = new AtomicInteger();
        for (var group : groups) {
            group.encode(
                    model,
                    workers,
                    Tuning.current().batchTokens(),
                    count -> progress.encoded(done.addAndGet(count), texts));
        }
    }

    /** How many texts there are, windows of long ones counted each. */
    public int textCount() {
        return groups.stream().mapToInt(group -> group.texts().size()).sum();
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
