package dev.mtl.train.sampling;

import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.model.Embeddings;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.streaming.StreamedDataset;
import dev.mtl.train.workers.Workers;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The training data and the order in which training sees it. */
public final class TrainingSet implements AutoCloseable {
    /** The largest part of main memory that kept token embeddings may take. */
    private static final double FEATURE_SHARE = 0.25;

    private final MultiTaskModel model;
    private final List<TrainingData> datasets;
    private final List<TokenizedDataset> kept;
    private final Map<Integer, StreamCursor> streams = new HashMap<>();
    private final List<FeatureCache> features = new ArrayList<>();
    private final List<FeatureCache> pairFeatures = new ArrayList<>();
    private final List<Boolean> whole;
    private final BatchSampler sampler;
    private final long seed;

    /**
     * Prepares training data.
     *
     * @param training with targets encoded by the model's heads
     */
    public TrainingSet(
            MultiTaskModel model, TrainingConfig config, List<? extends TrainingData> training) {
        this.model = model;
        seed = config.seed();
        datasets = training.stream().map(data -> divided(data, model)).toList();
        kept =
                datasets.stream()
                        .filter(TokenizedDataset.class::isInstance)
                        .map(TokenizedDataset.class::cast)
                        .toList();
        whole =
                datasets.stream()
                        .map(data -> data instanceof TokenizedDataset own && isWhole(own))
                        .toList();
        for (int i = 0; i < datasets.size(); i++) {
            if (datasets.get(i) instanceof StreamedDataset stream) {
                streams.put(i, new StreamCursor(stream, model, config.seed(), i));
            }
        }
        sampler =
                new BatchSampler(
                        datasets.stream().map(dataset -> source(dataset, model, config)).toList(),
                        config.batchSize() * config.gradientAccumulationSteps(),
                        config.sampling(),
                        config.samplingExponent(),
                        config.seed());
    }

    private static TrainingData divided(TrainingData data, MultiTaskModel model) {
        return data instanceof TokenizedDataset dataset
                ? TrainingWindows.divide(dataset, model)
                : data;
    }

    private static BatchSampler.Source source(
            TrainingData data, MultiTaskModel model, TrainingConfig config) {
        var lengths =
                data instanceof TokenizedDataset dataset
                        ? lengths(dataset.examples(), dataset.tasks(), model)
                        : new int[0];
        if (data.tasks().stream().anyMatch(task -> model.task(task).head().groupsExamples())) {
            return ExampleGroups.of(data, model).source(lengths, config.batchSize());
        }
        boolean exact =
                data.tasks().stream().anyMatch(task -> model.task(task).head().comparesExamples());
        if (exact || !model.device().isCpu()) {
            var split = exact ? BatchSplit.FIXED_SIZE : BatchSplit.EQUAL_PADDED_SIZE;
            return new BatchSampler.Source(data.size(), lengths, config.batchSize(), split);
        }
        // Larger batches are divided, so that every core has some: the gradients are the same, and
        // batches of this size take as long per text.
        int size = Math.min(config.batchSize(), Tuning.current().trainingBatch());
        return new BatchSampler.Source(data.size(), lengths, size, BatchSplit.EQUAL_TOKENS);
    }

    private static int[] lengths(
            List<TokenizedExample> examples, List<String> tasks, MultiTaskModel model) {
        return examples.stream()
                .map(example -> example.sequences(model, tasks))
                .mapToInt(
                        sequences -> sequences.stream().mapToInt(Encoding::length).max().orElse(0))
                .toArray();
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
    public List<TrainingData> datasets() {
        return datasets;
    }

    /** Whether some data is streamed: what needs all texts at once cannot be done. */
    public boolean isStreamed() {
        return !streams.isEmpty();
    }

    /** Receives the number of texts that are encoded; called from any thread. */
    public interface Progress {
        void encoded(int texts, int ofTexts);
    }

    /** A note for each dataset with texts of which the model reads only the beginning. */
    public List<String> truncations() {
        return TruncationNotes.inTraining(model, kept);
    }

    /**
     * Examples of a step that go through the network at once; all have targets for the same tasks.
     *
     * @param dataset the place of their data set among all, from 0
     * @param positions of the examples in the data set; in the step, if they are streamed
     */
    public record Batch(int dataset, int[] positions, List<TokenizedExample> examples) {}

    /**
     * The batches of a step. Where a task cannot use some of a batch's examples, the batch is
     * divided: all examples of a batch have targets for the same tasks.
     */
    public List<Batch> step(int number) {
        return sampler.draws(number).stream().flatMap(this::batches).toList();
    }

    private Stream<Batch> batches(BatchSampler.Draw draw) {
        return datasets.get(draw.dataset()) instanceof TokenizedDataset dataset
                ? sampler.batches(draw).stream()
                        .flatMap(batch -> divided(batch, dataset.examples()))
                : streamed(draw);
    }

    private Stream<Batch> streamed(BatchSampler.Draw draw) {
        int place = draw.dataset();
        var examples = Objects.requireNonNull(streams.get(place)).take(draw);
        var lengths = lengths(examples, datasets.get(place).tasks(), model);
        var all = IntStream.range(0, examples.size()).toArray();
        return sampler.source(place).batches(all, lengths).stream()
                .flatMap(positions -> divided(place, positions, examples));
    }

    private Stream<Batch> divided(BatchSampler.Batch batch, List<TokenizedExample> examples) {
        return whole.get(batch.dataset())
                ? Stream.of(batch(batch.dataset(), batch.examples(), examples))
                : divided(batch.dataset(), batch.examples(), examples);
    }

    private static Stream<Batch> divided(
            int dataset, int[] positions, List<TokenizedExample> examples) {
        var byTasks = new LinkedHashMap<Set<String>, List<Integer>>();
        for (int index : positions) {
            byTasks.computeIfAbsent(examples.get(index).targets().keySet(), t -> new ArrayList<>())
                    .add(index);
        }
        return byTasks.values().stream()
                .map(
                        own ->
                                batch(
                                        dataset,
                                        own.stream().mapToInt(Integer::intValue).toArray(),
                                        examples));
    }

    private static Batch batch(int dataset, int[] positions, List<TokenizedExample> examples) {
        return new Batch(
                dataset, positions, Arrays.stream(positions).mapToObj(examples::get).toList());
    }

    /** Whether all examples have targets for all tasks. */
    private static boolean isWhole(TokenizedDataset dataset) {
        return dataset.examples().stream()
                .allMatch(example -> example.targets().size() == dataset.tasks().size());
    }

    /** What the network reads of batches from {@link #step}. */
    public List<MicroBatch> microBatches(int step, List<Batch> batches) {
        return batches.stream().map(batch -> microBatch(step, batch)).toList();
    }

    private MicroBatch microBatch(int step, Batch batch) {
        var own = datasets.get(batch.dataset()).tasks();
        if (own.size() == 1 && model.task(own.getFirst()).head().masks()) {
            return masked(step, batch, model.task(own.getFirst()));
        }
        var targets = batch.examples().getFirst().targets();
        var tasks =
                datasets.get(batch.dataset()).tasks().stream()
                        .filter(targets::containsKey)
                        .toList();
        return MicroBatch.of(
                batch.examples(),
                tasks,
                model.readsPairs(tasks),
                features.isEmpty() ? null : () -> features(batch, tasks));
    }

    /** Each step masks other tokens of a text. */
    private MicroBatch masked(int step, Batch batch, Task task) {
        long maskId = model.tokenizer().maskId();
        var texts = new ArrayList<PreTokenizedText>();
        var encodings = new ArrayList<Encoding>();
        var targets = new ArrayList<>();
        for (int i = 0; i < batch.positions().length; i++) {
            var example = batch.examples().get(i);
            var text = example.texts().getFirst();
            long draws = RandomStream.mix(seed, step, batch.dataset(), batch.positions()[i]);
            var masked = task.head().mask(text.encoding(), maskId, new SplittableRandom(draws));
            texts.add(text.text());
            encodings.add(masked);
            targets.add(
                    task.encodeTarget(
                            Objects.requireNonNull(example.example().targets().get(task.name())),
                            TokenizedTexts.of(text.text(), masked)));
        }
        return new MicroBatch(texts, encodings, new LinkedHashMap<>(Map.of(task.name(), targets)));
    }

    private Embeddings features(Batch batch, List<String> tasks) {
        int each = batch.examples().getFirst().texts().size();
        var texts =
                Arrays.stream(batch.positions())
                        .flatMap(example -> IntStream.range(example * each, (example + 1) * each));
        return new Embeddings(
                model.readsTexts(tasks)
                        ? LayerOutputs.of(features.get(batch.dataset()).batch(texts.toArray()))
                        : null,
                model.readsPairs(tasks)
                        ? LayerOutputs.of(
                                pairFeatures.get(batch.dataset()).batch(batch.positions()))
                        : null);
    }

    /** Whether heads read the last layer of texts as they are, which can be kept. */
    public boolean readsLastLayer() {
        return model.mixedLayers(model.tasks().keySet()).isEmpty() && !model.masks();
    }

    /** Bytes that the token embeddings of all texts take. */
    public long featureBytes() {
        int hiddenSize = model.backboneConfig().hiddenSize();
        return kept.stream()
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
        for (var dataset : kept) {
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
                ? dataset.examples().stream().map(example -> example.pair().encoding()).toList()
                : List.of();
    }

    /** The number of token sequences that the encoder reads, each window counted. */
    public int textCount() {
        return kept.stream()
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
        streams.values().forEach(StreamCursor::close);
        features.forEach(FeatureCache::close);
        pairFeatures.forEach(FeatureCache::close);
    }
}
