package dev.mtl.core.encoder;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.inference.BatchQueue;
import dev.mtl.core.inference.Row;
import dev.mtl.core.internal.CloseGuard;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.runtime.Threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Computes sentence embeddings. Thread-safe, from virtual threads too: the work runs on the
 * encoder's threads, and calls that arrive at the same time share batches.
 *
 * <pre>{@code
 * try (var encoder = SentenceEncoder.load(store.resolve("all-MiniLM-L6-v2"), EncoderOptions.defaults())) {
 *     float[][] embeddings = encoder.encode(List.of("a text", "another"));
 * }
 * }</pre>
 */
public final class SentenceEncoder implements AutoCloseable {
    private final TextTokenizer tokenizer;
    private final StoredEncoder backbone;
    private final int dimension;
    private final Readout readout;
    private final EncoderOptions options;
    private final TensorScope owner;
    private final BatchQueue<Readout, Sentence> queue;
    private final CloseGuard guard = new CloseGuard("encoder");

    /** A tokenized text, and its embedding once it is computed. */
    private static final class Sentence {
        final Encoding encoding;
        float[] embedding = {};

        Sentence(Encoding encoding) {
            this.encoding = encoding;
        }
    }

    private SentenceEncoder(
            TextTokenizer tokenizer,
            StoredEncoder backbone,
            int dimension,
            Readout readout,
            EncoderOptions options,
            TensorScope owner) {
        this.tokenizer = tokenizer;
        this.backbone = backbone;
        this.dimension = dimension;
        this.readout = readout;
        this.options = options;
        this.owner = owner;
        int threads = options.device().isCpu() ? options.workers() : 1;
        this.queue =
                new BatchQueue<>(
                        new BatchQueue.Settings(
                                "encoder",
                                threads,
                                options.batchTokens(),
                                threads,
                                Long.MAX_VALUE,
                                null),
                        this::computeBatch);
    }

    /**
     * Loads a model.
     *
     * @throws dev.mtl.core.MtlException if a file is missing or damaged, or the architecture is not
     *     supported
     */
    public static SentenceEncoder load(ModelDirectory model, EncoderOptions options) {
        var config = BertConfig.read(model.config());
        var own = SentenceModules.readout(model.path());
        var readout =
                new Readout(
                        options.pooling() == null ? own.pooling() : options.pooling(),
                        options.normalization() == null
                                ? own.normalization()
                                : options.normalization());
        int maxLength = SequenceLength.choose(options.maxLength(), model.path(), config);
        var owner = TensorScope.shared();
        try {
            // The tokenizer and the weights load concurrently.
            var loading =
                    CompletableFuture.supplyAsync(
                            () -> TextTokenizer.load(model.tokenizerJson(), maxLength),
                            task -> Thread.ofPlatform().daemon().name("mtl-load").start(task));
            StoredEncoder backbone;
            try {
                backbone = load(model, config, options, owner);
            } catch (RuntimeException | Error e) {
                var _ = loading.thenAccept(TextTokenizer::close);
                throw e;
            }
            try {
                return new SentenceEncoder(
                        join(loading), backbone, config.hiddenSize(), readout, options, owner);
            } catch (RuntimeException | Error e) {
                backbone.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private static TextTokenizer join(CompletableFuture<TextTokenizer> loading) {
        try {
            return loading.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        }
    }

    private static StoredEncoder load(
            ModelDirectory model, BertConfig config, EncoderOptions options, TensorScope owner) {
        // One thread: native helper threads of this one would slow down the workers'.
        return Threads.withThreads(
                1,
                () ->
                        StoredEncoder.load(
                                model.weights(),
                                config,
                                options.device(),
                                options.precision(),
                                owner));
    }

    /** The length of an embedding. */
    public int dimension() {
        return dimension;
    }

    /** The embedding of one text. */
    public float[] encode(String text) {
        return encode(List.of(text))[0];
    }

    /**
     * The embeddings of texts, in input order; an empty text has one too.
     *
     * @throws dev.mtl.core.ConfigurationException if the encoder is closed
     */
    public float[][] encode(List<String> texts) {
        return guard.use(
                () -> {
                    // The batch call wakes a thread pool, which costs more than tokenizing one
                    // text.
                    var encodings =
                            texts.size() == 1
                                    ? List.of(tokenizer.encode(texts.getFirst()))
                                    : tokenizer.encodeBatch(texts);
                    return embed(encodings);
                });
    }

    private float[][] embed(List<Encoding> encodings) {
        var rows = new ArrayList<Row<Readout, Sentence>>(encodings.size());
        for (var encoding : encodings) {
            rows.add(new Row<>(readout, encoding.length(), new Sentence(encoding)));
        }
        queue.process(rows);
        var embeddings = new float[rows.size()][];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = rows.get(i).value().embedding;
        }
        return embeddings;
    }

    private void computeBatch(Readout kind, List<Sentence> sentences) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var encodings = sentences.stream().map(sentence -> sentence.encoding).toList();
            var tokens = TokenBatch.of(encodings, tokenizer.padId(), options.device());
            var rows = kind.rows(backbone.encoder().forward(tokens), tokens);
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
                    owner.close();
                    backbone.close();
                    tokenizer.close();
                });
    }
}
