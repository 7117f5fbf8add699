package dev.mtl.core.pipeline;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceListener;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.inference.InferenceListeners;
import dev.mtl.core.internal.CloseGuard;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.answer.Answer;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.model.answer.Wanted;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.torch.Device;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A trained model that answers: the sentence embedding and every task's prediction from one pass.
 *
 * <pre>{@code
 * try (var pipeline = Pipeline.load(Path.of("runs/quickstart"))) {
 *     var analysis = pipeline.analyze("Is Harbor free for six people on Thursday at 9:30?");
 *     var intent = analysis.label("intent");
 *     var slots = analysis.entities("slots");
 * }
 * }</pre>
 *
 * <p>Thread-safe, from virtual threads too. Calls that arrive at the same time share batches;
 * nothing waits for a batch to fill. An interrupted call ends with an {@link MtlException}, the
 * thread's interrupt still set, and one that is too late with an {@link
 * dev.mtl.core.InferenceTimeoutException}; neither leaves work in the queue.
 */
public final class Pipeline implements AutoCloseable {
    private final MultiTaskModel model;
    private final Predictor predictor;
    private final PipelineOptions options;
    private final List<String> tasks;
    private final CloseGuard guard = new CloseGuard("pipeline");
    private final InferenceListeners listeners = new InferenceListeners();

    private final PipelineTokenizer tokenizer;

    private Pipeline(MultiTaskModel model, Path directory, PipelineOptions options) {
        this.model = model;
        this.options = options;
        this.tokenizer = new PipelineTokenizer(model.tokenizer(), SentenceConfig.read(directory));
        this.tasks = chosen(model, options.tasks());
        var defaults = Predictor.Options.of(model);
        this.predictor =
                new Predictor(
                        model,
                        new Predictor.Options(
                                Devices.workers(model.device(), options.threads()),
                                options.batchTokens() == null
                                        ? defaults.batchTokens()
                                        : options.batchTokens(),
                                options.maxQueuedTokens(),
                                options.timeout()),
                        listeners);
    }

    /** The tasks that predict, in the model's order. */
    private static List<String> chosen(MultiTaskModel model, List<String> names) {
        names.forEach(model::task);
        return model.tasks().keySet().stream()
                .filter(name -> names.isEmpty() || names.contains(name))
                .toList();
    }

    /**
     * Loads a model with the default options.
     *
     * @param directory of a trained model, as {@code mtl train} writes it
     * @throws ConfigurationException if it is no such directory, or a head type is missing
     * @throws MtlException if files are missing or damaged
     */
    public static Pipeline load(Path directory) {
        return load(directory, PipelineOptions.defaults());
    }

    /**
     * Loads a model.
     *
     * @param directory of a trained model, as {@code mtl train} writes it
     * @throws ConfigurationException if it is no such directory, a head type is missing, or the
     *     model has no task that the options name
     * @throws MtlException if files are missing or damaged
     */
    public static Pipeline load(Path directory, PipelineOptions options) {
        var heads = options.heads() == null ? HeadRegistry.load() : options.heads();
        var model =
                ModelFiles.loadForInference(
                        directory,
                        heads,
                        options.chooseDevice(),
                        options.precision(),
                        options.maxLength());
        return of(model, directory, options);
    }

    /**
     * Loads an encoder that has no tasks, such as a model of sentence-transformers: its analyses
     * have embeddings alone.
     *
     * @param directory of the model
     * @param tokenizerJson its tokenizer, in the directory or not
     * @throws ConfigurationException if the options name a task, or do not fit the model
     * @throws MtlException if files are missing or damaged
     */
    public static Pipeline loadEncoder(
            Path directory, Path tokenizerJson, PipelineOptions options) {
        var model =
                ModelFiles.loadEncoder(
                        new ModelDirectory(directory.toString(), directory, tokenizerJson),
                        options.chooseDevice(),
                        options.precision(),
                        options.maxLength());
        return of(model, directory, options);
    }

    private static Pipeline of(MultiTaskModel model, Path directory, PipelineOptions options) {
        try {
            return new Pipeline(model, directory, options);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /**
     * Analyzes a text by all tasks that take one text.
     *
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed
     */
    public Analysis analyze(String text) {
        return analyze(List.of(text)).getFirst();
    }

    /**
     * Analyzes texts by all tasks that take one text.
     *
     * @return in the order of the texts
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed
     */
    public List<Analysis> analyze(List<String> texts) {
        return analyzeExamples(texts.stream().map(List::of).toList());
    }

    /**
     * Analyzes pairs by all tasks that take two texts.
     *
     * @return in the order of the pairs
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed, or no task takes two texts
     */
    public List<Analysis> analyzePairs(List<TextPair> pairs) {
        return analyzeExamples(
                pairs.stream().map(pair -> List.of(pair.first(), pair.second())).toList());
    }

    /**
     * Analyzes examples of several texts each by all tasks that take as many.
     *
     * @param examples all of the same number of texts
     * @return in the order of the examples
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed, or no task takes as many texts
     */
    public List<Analysis> analyzeExamples(List<List<String>> examples) {
        return guard.use(
                () -> examples.isEmpty() ? List.of() : analyze(examples, answering(examples)));
    }

    /** One text has an embedding even if no task takes it. */
    private List<String> answering(List<? extends List<?>> examples) {
        int texts = examples.getFirst().size();
        return texts == 1 ? takingTexts(1) : tasksOf(texts);
    }

    /** As {@link #analyzeExamples(List)}, for texts whose words are known: those of CoNLL files. */
    public List<Analysis> analyzeWords(List<List<PreTokenizedText>> examples) {
        return guard.use(
                () ->
                        examples.isEmpty()
                                ? List.of()
                                : analyze(System.nanoTime(), examples, answering(examples)));
    }

    /**
     * Analyzes examples of several texts each by some tasks.
     *
     * @param examples all of the same number of texts
     * @param chosen tasks that take as many; none for embeddings alone
     * @return in the order of the examples
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed, or a task is not among {@link
     *     #tasks} or does not take as many texts
     */
    public List<Analysis> analyzeExamples(List<List<String>> examples, Collection<String> chosen) {
        return guard.use(
                () -> {
                    if (examples.isEmpty()) {
                        return List.of();
                    }
                    int texts = examples.getFirst().size();
                    for (var task : chosen) {
                        if (!tasks.contains(task) || !arity(task).allows(texts)) {
                            var exactly = TextArity.exactly(texts);
                            throw new ConfigurationException(
                                    "no task '%s' for %s; such tasks: %s"
                                            .formatted(task, exactly, takingTexts(texts)));
                        }
                    }
                    return analyze(examples, List.copyOf(chosen));
                });
    }

    private List<Analysis> analyze(List<List<String>> examples, List<String> chosen) {
        return analyze(System.nanoTime(), PipelineTokenizer.split(examples), chosen);
    }

    private List<Analysis> analyze(
            long start, List<List<PreTokenizedText>> examples, List<String> chosen) {
        var answers = answer(start, examples, chosen, Wanted.EMBEDDINGS, model.tokenizer());
        int topK = options.topK() == null ? Integer.MAX_VALUE : options.topK();
        return IntStream.range(0, examples.size())
                .mapToObj(i -> new Analysis(examples.get(i), answers.get(i), topK))
                .toList();
    }

    /**
     * The sentence embeddings of texts, without predictions.
     *
     * @param prompt the name of one of the model's prompts, which stands before each text; null for
     *     the one that the model was trained with, if there is one
     * @return {@code [texts][dimensions]}
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed, or there is no such prompt
     */
    public float[][] embed(List<String> texts, @Nullable String prompt) {
        return embeddings(texts, prompt, Wanted.EMBEDDINGS).stream()
                .map(answer -> Objects.requireNonNull(answer.embeddings())[0])
                .toArray(float[][]::new);
    }

    /**
     * An embedding of each token of texts, special tokens included: the backbone's output.
     *
     * @param prompt as in {@link #embed}
     * @return for each text {@code [tokens][H]}, H the backbone's hidden size
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     * @throws ConfigurationException if the pipeline is closed, or there is no such prompt
     */
    public List<float[][]> embedTokens(List<String> texts, @Nullable String prompt) {
        return embeddings(texts, prompt, Wanted.TOKEN_EMBEDDINGS).stream()
                .map(answer -> Objects.requireNonNull(answer.tokenEmbeddings()))
                .toList();
    }

    private List<Answer> embeddings(List<String> texts, @Nullable String prompt, Wanted wanted) {
        return guard.use(
                () ->
                        answer(
                                System.nanoTime(),
                                PipelineTokenizer.split(texts.stream().map(List::of).toList()),
                                List.of(),
                                wanted,
                                tokenizer.with(prompt)));
    }

    private List<Answer> answer(
            long start,
            List<List<PreTokenizedText>> examples,
            List<String> chosen,
            Wanted wanted,
            TextTokenizer withPrompt) {
        var tokenized = withPrompt.tokenizeExamples(examples);
        long tokenization = System.nanoTime() - start;
        var answers = predictor.answer(tokenized, chosen, wanted);
        listeners.onCall(
                new InferenceListener.Call(
                        tokenized.stream().mapToInt(List::size).sum(),
                        PipelineTokenizer.count(tokenized),
                        Duration.ofNanos(tokenization),
                        Duration.ofNanos(answers.times().queueNanos()),
                        Duration.ofNanos(answers.times().inferenceNanos())));
        return answers.all();
    }

    /** Adds a listener, which hears of calls and batches from now on. */
    public void addListener(InferenceListener listener) {
        listeners.add(listener);
    }

    /** The tasks that predict, in the model's order. */
    public List<String> tasks() {
        return tasks;
    }

    /**
     * The tasks that predict for examples of this many texts.
     *
     * @throws ConfigurationException if there are none
     */
    public List<String> tasksOf(int texts) {
        var taking = takingTexts(texts);
        if (taking.isEmpty()) {
            throw new ConfigurationException(
                    "no task of this model takes %s (%s)"
                            .formatted(
                                    TextArity.exactly(texts),
                                    tasks.stream()
                                            .map(task -> task + ": " + arity(task))
                                            .collect(Collectors.joining(", "))));
        }
        return taking;
    }

    private TextArity arity(String task) {
        return model.task(task).head().textArity();
    }

    private List<String> takingTexts(int texts) {
        return tasks.stream().filter(task -> arity(task).allows(texts)).toList();
    }

    /** The model's tokenizer. */
    public PipelineTokenizer tokenizer() {
        return tokenizer;
    }

    /** How token embeddings become the sentence embedding: {@code mean}. */
    public String pooling() {
        return model.readout().poolings().stream()
                .map(pooling -> pooling.toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("+"));
    }

    /** The length of an embedding. */
    public int dimensions() {
        return model.readout().dimensions(model.backboneConfig().hiddenSize());
    }

    /** The longest input in tokens, [CLS] and [SEP] included. */
    public int maxLength() {
        return model.maxLength();
    }

    /** Where the model runs. */
    public Device device() {
        return model.device();
    }

    /** The most tokens in a batch, padding included. */
    public int batchTokens() {
        return predictor.batchTokens();
    }

    /** The precision of the backbone's linear layers. */
    public Precision precision() {
        return options.precision();
    }

    /** Tokens of all calls that wait for a thread. */
    public long queuedTokens() {
        return predictor.queuedTokens();
    }

    /** Waits for running calls, then frees the model. Later calls are refused. */
    @Override
    public void close() {
        guard.close(
                () -> {
                    predictor.close();
                    model.close();
                });
    }
}
