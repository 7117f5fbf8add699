package dev.mtl.core.encoder;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceListener;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.encoder.Prompts.Prompt;
import dev.mtl.core.inference.BatchQueue;
import dev.mtl.core.inference.InferenceListeners;
import dev.mtl.core.inference.Row;
import dev.mtl.core.internal.CloseGuard;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.huggingface.TokenWindow;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes sentence embeddings as sentence-transformers does. Thread-safe, from virtual threads
 * too: the work runs on the encoder's threads, and calls that arrive at the same time share
 * batches.
 *
 * <pre>{@code
 * try (var encoder = SentenceEncoder.load("all-MiniLM-L6-v2")) {
 *     float[][] embeddings = encoder.encode(List.of("a text", "another"));
 * }
 * }</pre>
 */
public final class SentenceEncoder implements AutoCloseable {
    /** The tokens of that many are in memory at once; a longer list is read in parts. */
    private static final int TEXTS_AT_ONCE = 1 << 16;

    private final LoadedEncoder model;
    private final EncoderOptions options;
    private final BatchQueue<String, Sentence> queue;
    private final CloseGuard guard = new CloseGuard("encoder");
    private final InferenceListeners listeners = new InferenceListeners();

    /** The kind of all rows in the queue. */
    private static final String SENTENCE = "sentence";

    /** A tokenized text, and its embedding once it is computed. */
    private static final class Sentence {
        final Encoding encoding;
        float[] embedding = {};

        Sentence(Encoding encoding) {
            this.encoding = encoding;
        }
    }

    private SentenceEncoder(LoadedEncoder model, EncoderOptions options) {
        this.model = model;
        this.options = options;
        int threads = options.device().isCpu() ? options.workers() : 1;
        this.queue =
                new BatchQueue<>(
                        new BatchQueue.Settings(
                                "encoder",
                                threads,
                                options.batchTokens(),
                                Devices.batchPadding(options.device()),
                                threads,
                                Long.MAX_VALUE,
                                null),
                        (_, sentences) -> computeBatch(sentences),
                        listeners);
    }

    /**
     * Loads a model with the settings of its own files, on the CPU.
     *
     * @param model a name of {@link ModelStore}, which downloads it first if need be: a short name,
     *     a directory, {@code hf:...} or {@code maven:...}
     * @throws ConfigurationException if there is no model of this name
     * @throws dev.mtl.core.MtlException if it cannot be downloaded, a file is missing or damaged,
     *     or the architecture is not supported
     */
    public static SentenceEncoder load(String model) {
        return load(model, EncoderOptions.defaults());
    }

    /** {@link #load(String)} with other settings. */
    public static SentenceEncoder load(String model, EncoderOptions options) {
        return load(ModelStore.standard().resolve(model), options);
    }

    /**
     * Loads a model.
     *
     * @throws ConfigurationException if an option does not fit the model, such as the name of a
     *     prompt
     * @throws dev.mtl.core.MtlException if a file is missing or damaged, or the architecture is not
     *     supported
     */
    public static SentenceEncoder load(ModelDirectory model, EncoderOptions options) {
        return new SentenceEncoder(LoadedEncoder.load(model, options), options);
    }

    /** The length of an embedding. */
    public int dimensions() {
        return model.plan().dimensions();
    }

    /** The embedding of one text; see {@link #encode(List)}. */
    public float[] encode(String text) {
        return encode(List.of(text))[0];
    }

    /**
     * The embeddings of texts, in input order; an empty text has one too. Texts have the model's
     * default prompt before them, or the one of the options.
     *
     * @return {@code [texts][dimensions]}
     * @throws ConfigurationException if the encoder is closed
     */
    public float[][] encode(List<String> texts) {
        return encode(texts, model.prompts().usual());
    }

    /** The embedding of a text that is searched for; see {@link #encodeQuery(List)}. */
    public float[] encodeQuery(String text) {
        return encodeQuery(List.of(text))[0];
    }

    /**
     * The embeddings of texts that are searched for, such as questions: with the model's prompt
     * {@code query}, or none if it has no such prompt.
     *
     * @return {@code [texts][dimensions]}
     */
    public float[][] encodeQuery(List<String> texts) {
        return encode(texts, model.prompts().query());
    }

    /** The embedding of a text that is searched; see {@link #encodeDocument(List)}. */
    public float[] encodeDocument(String text) {
        return encodeDocument(List.of(text))[0];
    }

    /**
     * The embeddings of texts that are searched, such as passages: with the model's prompt {@code
     * document}, or none if it has no such prompt.
     *
     * @return {@code [texts][dimensions]}
     */
    public float[][] encodeDocument(List<String> texts) {
        return encode(texts, model.prompts().document());
    }

    /** The number of a text's tokens, special tokens and prompts not included, nothing cut. */
    public int countTokens(String text) {
        return guard.use(() -> model.tokenizer().countTokens(text));
    }

    /** Adds a listener, which hears of calls and batches from now on. */
    public void addListener(InferenceListener listener) {
        listeners.add(listener);
    }

    /** Tokens of all calls that wait for a thread. */
    public long queuedTokens() {
        return queue.queuedTokens();
    }

    private float[][] encode(List<String> texts, Prompt prompt) {
        if (texts.size() <= TEXTS_AT_ONCE) {
            return encodeAtOnce(texts, prompt);
        }
        var embeddings = new float[texts.size()][];
        for (int from = 0; from < texts.size(); from += TEXTS_AT_ONCE) {
            var part = texts.subList(from, Math.min(texts.size(), from + TEXTS_AT_ONCE));
            System.arraycopy(encodeAtOnce(part, prompt), 0, embeddings, from, part.size());
        }
        return embeddings;
    }

    private float[][] encodeAtOnce(List<String> texts, Prompt prompt) {
        return guard.use(
                () -> {
                    long start = System.nanoTime();
                    var encodings = prompt.encode(texts, model.tokenizer());
                    boolean inWindows =
                            options.longTexts() == LongTexts.WINDOW
                                    && encodings.stream().anyMatch(Encoding::truncated);
                    var windows = inWindows ? windows(texts, prompt, encodings) : null;
                    var rows = rows(windows == null ? encodings : windows.encodings());
                    long tokenization = System.nanoTime() - start;
                    var times = queue.process(rows);
                    listeners.onCall(call(texts, rows, tokenization, times));
                    var embeddings = embeddings(rows);
                    return finish(windows == null ? embeddings : windows.means(embeddings));
                });
    }

    private static InferenceListener.Call call(
            List<String> texts,
            List<Row<String, Sentence>> rows,
            long tokenization,
            BatchQueue.Times times) {
        return new InferenceListener.Call(
                texts.size(),
                rows.stream().mapToInt(Row::tokens).sum(),
                Duration.ofNanos(tokenization),
                Duration.ofNanos(times.queueNanos()),
                Duration.ofNanos(times.inferenceNanos()));
    }

    private WindowedTexts windows(List<String> texts, Prompt prompt, List<Encoding> encodings) {
        var windows = new WindowedTexts();
        for (int i = 0; i < encodings.size(); i++) {
            var encoding = encodings.get(i);
            windows.add(
                    encoding.truncated()
                            ? model.tokenizer()
                                    .encodeInWindows(prompt.text() + texts.get(i), prompt.tokens())
                            : List.of(new TokenWindow(encoding, 1)));
        }
        return windows;
    }

    private float[][] finish(float[][] embeddings) {
        var finish = model.plan().finish();
        if (finish != null) {
            Arrays.setAll(embeddings, i -> finish.apply(embeddings[i]));
        }
        return embeddings;
    }

    private static List<Row<String, Sentence>> rows(List<Encoding> encodings) {
        var rows = new ArrayList<Row<String, Sentence>>(encodings.size());
        for (var encoding : encodings) {
            rows.add(new Row<>(SENTENCE, encoding.length(), new Sentence(encoding)));
        }
        return rows;
    }

    private static float[][] embeddings(List<Row<String, Sentence>> rows) {
        var embeddings = new float[rows.size()][];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = rows.get(i).value().embedding;
        }
        return embeddings;
    }

    private void computeBatch(List<Sentence> sentences) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var encodings = sentences.stream().map(sentence -> sentence.encoding).toList();
            var tokens = TokenBatch.of(encodings, model.tokenizer().padId(), options.device());
            var embedded = model.backbone().encoder().forward(tokens);
            var rows = model.plan().readout().rows(model.weights(), embedded, tokens);
            for (int i = 0; i < rows.length; i++) {
                sentences.get(i).embedding = rows[i];
            }
        }
    }

    /** Waits for running calls, then frees the model. Later calls are refused. */
    @Override
    public void close() {
        guard.close(
                () -> {
                    queue.close();
                    model.close();
                });
    }
}
