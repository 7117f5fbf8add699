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
import dev.mtl.core.model.Predictor;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.Device;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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

    private Pipeline(MultiTaskModel model, PipelineOptions options) {
        this.model = model;
        this.options = options;
        this.tasks = chosen(model, options.tasks());
        var defaults = Predictor.Options.of(model);
        this.predictor =
                new Predictor(
                        model,
                        new Predictor.Options(
                                Devices.workers(model.device(), options.threads()),
                                defaults.batchTokens(),
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
                        device(options),
                        options.precision(),
                        options.maxLength());
        try {
            return new Pipeline(model, options);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static Device device(PipelineOptions options) {
        return switch (options.precision()) {
            case FP32 -> Devices.choose(options.device());
            case BF16 ->
                    throw new ConfigurationException(
                            "precision bf16 is for training; inference computes in fp32 or int8");
            case INT8 -> {
                if (!options.device().equals("auto") && !options.device().equals("cpu")) {
                    throw new ConfigurationException(
                            "precision int8 is for the CPU, not for device " + options.device());
                }
                yield Device.CPU;
            }
        };
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
        return guard.use(() -> examples.isEmpty() ? List.<Analysis>of() : answer(examples));
    }

    private List<Analysis> answer(List<List<String>> examples) {
        int texts = examples.getFirst().size();
        long start = System.nanoTime();
        var tokenized =
                model.tokenizer()
                        .tokenizeExamples(
                                examples.stream()
                                        .map(
                                                example ->
                                                        example.stream()
                                                                .map(PreTokenizedText::of)
                                                                .toList())
                                        .toList());
        long tokenization = System.nanoTime() - start;
        // One text has an embedding even if no task takes it.
        var answers =
                predictor.answer(tokenized, texts == 1 ? takingTexts(1) : tasksOf(texts), true);
        int topK = options.topK() == null ? Integer.MAX_VALUE : options.topK();
        var analyses = new ArrayList<Analysis>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            analyses.add(new Analysis(examples.get(i), answers.all().get(i), topK));
        }
        listeners.onCall(
                new InferenceListener.Call(
                        texts * examples.size(),
                        tokens(tokenized),
                        Duration.ofNanos(tokenization),
                        Duration.ofNanos(answers.times().queueNanos()),
                        Duration.ofNanos(answers.times().inferenceNanos())));
        return analyses;
    }

    private static int tokens(List<List<TokenizedText>> examples) {
        return examples.stream()
                .flatMap(List::stream)
                .mapToInt(text -> text.encoding().length())
                .sum();
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
