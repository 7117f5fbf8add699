package dev.mtl.core.encoder;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.internal.files.WholeDirectory;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.runtime.Threads;

import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a {@link SentenceEncoder} reads from a model's files.
 *
 * @param weights of the layers after pooling, if there are any
 * @param owner a shared scope that owns all tensors
 */
record LoadedEncoder(
        TextTokenizer tokenizer,
        StoredEncoder backbone,
        OutputPlan plan,
        Parameters weights,
        Prompts prompts,
        TensorScope owner)
        implements AutoCloseable {

    /** Loads a model; see {@link SentenceEncoder#load(ModelDirectory, EncoderOptions)}. */
    static LoadedEncoder load(ModelDirectory model, EncoderOptions options) {
        return WholeDirectory.read(model.path(), () -> loadOnce(model, options));
    }

    private static LoadedEncoder loadOnce(ModelDirectory model, EncoderOptions options) {
        var bert = BertConfig.read(model.config());
        var config = SentenceConfig.read(model.path());
        var readout = SentenceModules.readout(model.path());
        var plan = OutputPlan.of(readout, config, options, bert.hiddenSize());
        int maxLength = SequenceLength.choose(options.maxLength(), model.path(), bert);
        var owner = TensorScope.shared();
        try {
            // The tokenizer and the weights load concurrently.
            var loading =
                    CompletableFuture.supplyAsync(
                            () -> TextTokenizer.load(model.tokenizerJson(), maxLength),
                            task -> Thread.ofPlatform().daemon().name("mtl-load").start(task));
            StoredEncoder backbone;
            Parameters weights;
            try {
                weights = weights(model, plan, bert, options, owner);
                backbone = backbone(model, bert, options, owner);
            } catch (RuntimeException | Error e) {
                var _ = loading.thenAccept(TextTokenizer::close);
                throw e;
            }
            try {
                var tokenizer = join(loading);
                try {
                    var prompts = Prompts.of(config, options, tokenizer);
                    return new LoadedEncoder(tokenizer, backbone, plan, weights, prompts, owner);
                } catch (RuntimeException | Error e) {
                    tokenizer.close();
                    throw e;
                }
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

    private static Parameters weights(
            ModelDirectory model,
            OutputPlan plan,
            BertConfig bert,
            EncoderOptions options,
            TensorScope owner) {
        var tensors = new LinkedHashMap<String, Tensor>();
        SentenceModules.readWeights(
                model.path(), plan.readout(), bert.hiddenSize(), options.device(), owner, tensors);
        return new Parameters(tensors);
    }

    private static StoredEncoder backbone(
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

    /** Frees everything; nothing may be running on it. */
    @Override
    public void close() {
        owner.close();
        backbone.close();
        tokenizer.close();
    }
}
