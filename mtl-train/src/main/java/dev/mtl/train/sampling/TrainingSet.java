package dev.mtl.train.sampling;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.TokenizedDataset;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The training data and the order in which training sees it. */
public final class TrainingSet implements AutoCloseable {
    /** The largest part of main memory that kept token embeddings may take. */
    private static final double FEATURE_SHARE = 0.25;

    private final List<TokenizedDataset> datasets;
    private final List<FeatureCache> features = new ArrayList<>();
    private final BatchSampler sampler;

    /**
     * Prepares training data.
     *
     * @param training with targets encoded by the model's heads
     */
    public TrainingSet(
            MultiTaskModel model, TrainingConfig config, List<TokenizedDataset> training) {
        datasets =
                training.stream().map(dataset -> TrainingWindows.divide(dataset, model)).toList();
        sampler =
                new BatchSampler(
                        datasets.stream().map(dataset -> source(dataset, model, config)).toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        config.sampling(),
                        config.samplingExponent(),
                        config.seed());
    }

    private static BatchSampler.Source source(
            TokenizedDataset dataset, MultiTaskModel model, TrainingConfig config) {
        boolean exact =
                dataset.tasks().stream()
                        .anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var split = exact ? BatchSplit.FIXED_SIZE : BatchSplit.EQUAL_PADDED_SIZE;
            return new BatchSampler.Source(dataset.lengths(), config.batchSize(), split);
        }
        // Larger batches are divided, so that every core has some: the gradients are the same, and
        // batches of this size take as long per text.
        int size = Math.min(config.batchSize(), Tuning.current().trainingBatch());
        return new BatchSampler.Source(dataset.lengths(), size, BatchSplit.EQUAL_TOKENS);
    }

    /** Which examples make which step. */
    public BatchSampler sampler() {
        return sampler;
    }

    /** The datasets as training sees them, with windows in place of long texts. */
    public List<TokenizedDataset> datasets() {
        return datasets;
    }

    /** Receives the number of texts that are encoded; called from any thread. */
    public interface Progress {
        void encoded(int texts, int ofTexts);
    }

    /** A note for each dataset with texts of which the model reads only the beginning. */
    public List<String> truncations(MultiTaskModel model) {
        return TruncationNotes.inTraining(model, datasets);
    }

    /** The dataset that a batch is from. */
    public TokenizedDataset dataset(BatchSampler.Batch batch) {
        return datasets.get(batch.dataset());
    }

    public List<MicroBatch> microBatches(List<BatchSampler.Batch> batches) {
        return batches.stream().map(this::microBatch).toList();
    }

    private MicroBatch microBatch(BatchSampler.Batch batch) {
        var dataset = dataset(batch);
        return MicroBatch.of(
                Arrays.stream(batch.examples()).mapToObj(dataset.examples()::get).toList(),
                dataset.tasks(),
                features.isEmpty() ? null : () -> features(batch));
    }

    private Tensor features(BatchSampler.Batch batch) {
        int each = dataset(batch).textsPerExample();
        var texts =
                Arrays.stream(batch.examples())
                        .flatMap(example -> IntStream.range(example * each, (example + 1) * each));
        return features.get(batch.dataset()).batch(texts.toArray());
    }

    /** Bytes that the token embeddings of all texts take. */
    public long featureBytes(MultiTaskModel model) {
        int hiddenSize = model.backboneConfig().hiddenSize();
        return datasets.stream()
                .mapToLong(dataset -> FeatureCache.bytes(dataset.texts(), hiddenSize))
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
        for (var dataset : datasets) {
            features.add(
                    FeatureCache.compute(
                            model,
                            dataset.texts(),
                            workers,
                            Tuning.current().batchTokens(),
                            count -> progress.encoded(done.addAndGet(count), texts)));
        }
    }

    /** The number of texts, each window counted. */
    public int textCount() {
        return datasets.stream()
                .mapToInt(dataset -> dataset.examples().size() * dataset.textsPerExample())
                .sum();
    }

    private static long mainMemory() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Runtime.getRuntime().maxMemory();
    }

    @Override
    public void close() {
        features.forEach(FeatureCache::close);
    }
}
