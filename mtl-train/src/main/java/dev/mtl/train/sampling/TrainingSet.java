package dev.mtl.train.sampling;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.workers.Workers;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The training data and the order in which training sees it. */
public final class TrainingSet implements AutoCloseable {
    /** The largest part of main memory that kept token embeddings may take. */
    private static final double FEATURE_SHARE = 0.25;

    private final MultiTaskModel model;
    private final List<TokenizedDataset> datasets;
    private final List<FeatureCache> features = new ArrayList<>();
    private final List<FeatureCache> pairFeatures = new ArrayList<>();
    private final List<Boolean> whole;
    private final BatchSampler sampler;

    /**
     * Prepares training data.
     *
     * @param training with targets encoded by the model's heads
     */
    public TrainingSet(
            MultiTaskModel model, TrainingConfig config, List<TokenizedDataset> training) {
        this.model = model;
        datasets =
                training.stream().map(dataset -> TrainingWindows.divide(dataset, model)).toList();
        whole = datasets.stream().map(TrainingSet::isWhole).toList();
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
        var lengths =
                sequences(dataset, model)
                        .mapToInt(
                                sequences ->
                                        sequences.stream()
                                                .mapToInt(Encoding::length)
                                                .max()
                                                .orElse(0))
                        .toArray();
        boolean exact =
                dataset.tasks().stream()
                        .anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var split = exact ? BatchSplit.FIXED_SIZE : BatchSplit.EQUAL_PADDED_SIZE;
            return new BatchSampler.Source(lengths, config.batchSize(), split);
        }
        // Larger batches are divided, so that every core has some: the gradients are the same, and
        // batches of this size take as long per text.
        int size = Math.min(config.batchSize(), Tuning.current().trainingBatch());
        return new BatchSampler.Source(lengths, size, BatchSplit.EQUAL_TOKENS);
    }

    /** The token sequences that the encoder reads of each example. */
    private static Stream<List<Encoding>> sequences(
            TokenizedDataset dataset, MultiTaskModel model) {
        return dataset.examples().stream()
                .map(example -> example.sequences(model, dataset.tasks()));
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
    public List<String> truncations() {
        return TruncationNotes.inTraining(model, datasets);
    }

    /** The dataset that a batch is from. */
    public TokenizedDataset dataset(BatchSampler.Batch batch) {
        return datasets.get(batch.dataset());
    }

    /**
     * The batches of a step. Where a task cannot use some of a batch's examples, the batch is
     * divided: all examples of a batch have targets for the same tasks.
     */
    public List<BatchSampler.Batch> step(int number) {
        return sampler.step(number).stream().flatMap(this::divided).toList();
    }

    private Stream<BatchSampler.Batch> divided(BatchSampler.Batch batch) {
        if (whole.get(batch.dataset())) {
            return Stream.of(batch);
        }
        var examples = dataset(batch).examples();
        var byTasks = new LinkedHashMap<Set<String>, List<Integer>>();
        for (int index : batch.examples()) {
            byTasks.computeIfAbsent(examples.get(index).targets().keySet(), t -> new ArrayList<>())
                    .add(index);
        }
        return byTasks.values().stream()
                .map(
                        own ->
                                new BatchSampler.Batch(
                                        batch.dataset(),
                                        own.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** Whether all examples have targets for all tasks. */
    private static boolean isWhole(TokenizedDataset dataset) {
        return dataset.examples().stream()
                .allMatch(example -> example.targets().size() == dataset.tasks().size());
    }

    /** The examples of batches from {@link #step}. */
    public List<MicroBatch> microBatches(List<BatchSampler.Batch> batches) {
        return batches.stream().map(this::microBatch).toList();
    }

    private MicroBatch microBatch(BatchSampler.Batch batch) {
        var dataset = dataset(batch);
        var examples = Arrays.stream(batch.examples()).mapToObj(dataset.examples()::get).toList();
        var targets = examples.getFirst().targets();
        var tasks = dataset.tasks().stream().filter(targets::containsKey).toList();
        return MicroBatch.of(
                examples,
                tasks,
                model.readsPairs(tasks),
                features.isEmpty() ? null : () -> features(batch, tasks));
    }

    private MultiTaskModel.Embeddings features(BatchSampler.Batch batch, List<String> tasks) {
        int each = dataset(batch).textsPerExample();
        var texts =
                Arrays.stream(batch.examples())
                        .flatMap(example -> IntStream.range(example * each, (example + 1) * each));
        return new MultiTaskModel.Embeddings(
                model.readsTexts(tasks)
                        ? features.get(batch.dataset()).batch(texts.toArray())
                        : null,
                model.readsPairs(tasks)
                        ? pairFeatures.get(batch.dataset()).batch(batch.examples())
                        : null);
    }

    /** Bytes that the token embeddings of all texts take. */
    public long featureBytes() {
        int hiddenSize = model.backboneConfig().hiddenSize();
        return datasets.stream()
                .mapToLong(
                        dataset ->
                                FeatureCache.bytes(
                                        sequences(dataset, model).flatMap(List::stream).toList(),
                                        hiddenSize))
                .sum();
    }

    /** Whether that is little enough to keep them in memory. */
    public static boolean fitsInMemory(long featureBytes) {
        return featureBytes <= FEATURE_SHARE * mainMemory();
    }

    /** Runs an encoder that does not train once over all texts and keeps the results. */
    public void encode(Workers workers, Progress progress) {
        int all = textCount();
        var done = new AtomicInteger();
        IntConsumer counter = count -> progress.encoded(done.addAndGet(count), all);
        for (var dataset : datasets) {
            features.add(compute(textEncodings(dataset), workers, counter));
            pairFeatures.add(compute(pairEncodings(dataset), workers, counter));
        }
    }

    private FeatureCache compute(List<Encoding> encodings, Workers workers, IntConsumer counter) {
        return FeatureCache.compute(
                model, encodings, workers, Tuning.current().batchTokens(), counter);
    }

    private List<Encoding> textEncodings(TokenizedDataset dataset) {
        return model.readsTexts(dataset.tasks())
                ? dataset.texts().stream().map(TokenizedText::encoding).toList()
                : List.of();
    }

    private List<Encoding> pairEncodings(TokenizedDataset dataset) {
        return model.readsPairs(dataset.tasks())
                ? dataset.examples().stream()
                        .map(example -> TokenizedPair.of(example.texts()).encoding())
                        .toList()
                : List.of();
    }

    /** The number of token sequences that the encoder reads, each window counted. */
    public int textCount() {
        return datasets.stream()
                .mapToInt(dataset -> sequences(dataset, model).mapToInt(List::size).sum())
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
        pairFeatures.forEach(FeatureCache::close);
    }
}
