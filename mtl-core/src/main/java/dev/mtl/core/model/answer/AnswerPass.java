package dev.mtl.core.model.answer;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.inference.Pass;
import dev.mtl.core.model.Embeddings;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** One pass of the backbone over a batch of examples, and of the heads on its output. */
final class AnswerPass implements Pass<AnswerPass.Kind, Question> {
    private final MultiTaskModel model;

    /**
     * What is computed of an example.
     *
     * @param tasks that predict
     * @param textsPerExample K
     * @param wanted besides predictions
     * @param windows whether what is longer than the model's input is read in windows: a text, or
     *     the second of two texts that are read together
     */
    record Kind(List<String> tasks, int textsPerExample, Wanted wanted, boolean windows) {
        /** Predictions of some of the tasks. */
        Kind ofPredictions(List<String> some) {
            return new Kind(some, textsPerExample, Wanted.PREDICTIONS, windows);
        }

        /** What is wanted besides predictions. */
        Kind withoutTasks() {
            return new Kind(List.of(), textsPerExample, wanted, windows);
        }
    }

    AnswerPass(MultiTaskModel model) {
        this.model = model;
    }

    /** Where the logits of heads come from. */
    interface Logits {
        /**
         * The logits of some tasks, in the innermost scope.
         *
         * @param inputs runs the backbone
         * @return by task; empty if nothing is to be predicted
         */
        SequencedMap<String, Tensor> of(List<String> tasks, Supplier<HeadInputs> inputs);
    }

    /** Computes logits. */
    SequencedMap<String, Tensor> compute(List<String> tasks, Supplier<HeadInputs> inputs) {
        return model.heads(model.parameters(), inputs.get(), Mode.EVALUATION, tasks);
    }

    @Override
    public void run(Kind kind, List<Question> questions) {
        run(kind, questions, this::compute);
    }

    /**
     * Predicts from logits.
     *
     * @param logits is asked in the same order each time that it is the same batch
     */
    void run(Kind kind, List<Question> questions, Logits logits) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            if (kind.windows()) {
                for (var question : questions) {
                    if (kind.textsPerExample() == 2) {
                        kind.tasks().forEach(task -> readPairInWindows(task, question, logits));
                    } else {
                        readInWindows(kind, question, logits);
                    }
                }
            } else {
                read(kind, questions, logits);
            }
        }
    }

    private void readInWindows(Kind kind, Question question, Logits logits) {
        var encoders = model.encoders();
        var text = question.texts.getFirst();
        var windows = text.windows();
        var batch = WindowedText.batch(model, text, windows);
        for (var pass : encoders.passes(kind.tasks())) {
            Supplier<HeadInputs> inputs =
                    () -> {
                        var whole = WindowedText.encode(model, encoders.of(pass), windows, pass);
                        var embeddings = new Embeddings(whole, null);
                        return model.inputs(model.parameters(), embeddings, batch);
                    };
            predict(kind, logits.of(pass, inputs), batch, List.of(question));
        }
    }

    private void readPairInWindows(String name, Question question, Logits logits) {
        var task = model.task(name);
        var windows = task.pairs(question.texts);
        int rows = Math.max(1, Tuning.current().batchTokens() / model.maxLength());
        var predictions = new ArrayList<Prediction>();
        for (int from = 0; from < windows.size(); from += rows) {
            var chunk = windows.subList(from, Math.min(windows.size(), from + rows));
            try (var _ = TensorScope.open()) {
                var batch = pairBatch(question.texts, chunk);
                var encoder = model.encoders().of(List.of(name));
                Supplier<HeadInputs> inputs =
                        () -> {
                            var tokens = forward(encoder, batch.pairTokens(), List.of(name));
                            var embeddings = new Embeddings(null, tokens);
                            return model.inputs(model.parameters(), embeddings, batch);
                        };
                logits.of(List.of(name), inputs)
                        .values()
                        .forEach(
                                scores ->
                                        predictions.addAll(
                                                task.predict(model.parameters(), scores, batch)));
            }
        }
        if (!predictions.isEmpty()) {
            question.put(name, task.head().mergeWindows(predictions));
        }
    }

    private void read(Kind kind, List<Question> questions, Logits logits) {
        var texts = questions.stream().flatMap(question -> question.texts.stream()).toList();
        var batch =
                model.batch(
                        texts.stream().map(TokenizedText::text).toList(),
                        texts.stream().map(text -> encoding(kind, text)).toList(),
                        kind.textsPerExample(),
                        questions.stream().flatMap(question -> question.pairs.stream()).toList());
        var encoders = model.encoders();
        if (encoders.ofTasks().isEmpty()) {
            read(kind, encoders.shared(), batch, questions, logits);
            return;
        }
        for (var pass : encoders.passes(kind.tasks())) {
            read(kind.ofPredictions(pass), encoders.of(pass), batch, questions, logits);
        }
        if (kind.wanted() != Wanted.PREDICTIONS) {
            read(kind.withoutTasks(), encoders.shared(), batch, questions, logits);
        }
    }

    private void read(
            Kind kind,
            TransformerEncoder encoder,
            HeadBatch batch,
            List<Question> questions,
            Logits logits) {
        if (kind.wanted() == Wanted.PREDICTIONS) {
            predict(
                    kind,
                    logits.of(kind.tasks(), () -> inputs(kind, encoder, batch)),
                    batch,
                    questions);
            return;
        }
        boolean pairs = model.readsPairs(kind.tasks());
        boolean single = model.readsTexts(kind.tasks()) || !pairs;
        var inputs = inputs(kind, encoder, batch);
        predict(kind, logits.of(kind.tasks(), () -> inputs), batch, questions);
        switch (kind.wanted()) {
            case PREDICTIONS -> {}
            case EMBEDDINGS ->
                    putEmbeddings(
                            kind.tasks().isEmpty()
                                    ? model.readout()
                                            .rows(
                                                    model.parameters(),
                                                    inputs.tokens(),
                                                    batch.tokens())
                                    : (single ? inputs.sentence() : inputs.pair()).toFloatRows(),
                            questions);
            case TOKEN_EMBEDDINGS -> putTokens(inputs.tokens(), batch.tokens(), questions);
        }
    }

    /**
     * A task that masks texts is alone; each text has its own masks, or else the same ones every
     * time.
     */
    private Encoding encoding(Kind kind, TokenizedText text) {
        var encoding = text.encoding();
        if (kind.tasks().size() != 1 || !model.task(kind.tasks().getFirst()).head().masks()) {
            return encoding;
        }
        long maskId = model.tokenizer().maskId();
        var masked = encoding.withOwnMasks(maskId);
        return masked.labels() != null
                ? masked
                : model.task(kind.tasks().getFirst())
                        .head()
                        .mask(
                                encoding,
                                maskId,
                                new SplittableRandom(Arrays.hashCode(encoding.ids())));
    }

    /** Runs the backbone. */
    private HeadInputs inputs(Kind kind, TransformerEncoder encoder, HeadBatch batch) {
        boolean pairs = model.readsPairs(kind.tasks());
        boolean single =
                model.readsTexts(kind.tasks()) || (kind.wanted() != Wanted.PREDICTIONS && !pairs);
        var embeddings =
                new Embeddings(
                        single ? forward(encoder, batch.tokens(), kind.tasks()) : null,
                        pairs ? forward(encoder, batch.pairTokens(), kind.tasks()) : null);
        return model.inputs(model.parameters(), embeddings, batch);
    }

    private LayerOutputs forward(
            TransformerEncoder encoder, TokenBatch tokens, List<String> tasks) {
        return encoder.forward(tokens, Mode.EVALUATION, Frozen.NOTHING, model.mixedLayers(tasks));
    }

    private static void putEmbeddings(float[][] rows, List<Question> questions) {
        int each = rows.length / questions.size();
        for (int i = 0; i < questions.size(); i++) {
            questions.get(i).put(Arrays.copyOfRange(rows, i * each, (i + 1) * each));
        }
    }

    /**
     * @param embeddings {@code [B, S, H]}
     */
    private static void putTokens(Tensor embeddings, TokenBatch tokens, List<Question> questions) {
        var rows = embeddings.reshape(-1, embeddings.size(2)).toFloatRows();
        int each = tokens.rows() / questions.size();
        for (int i = 0; i < questions.size(); i++) {
            int from = i * each * tokens.length();
            int length = tokens.encodings().get(i * each).length();
            questions.get(i).putTokens(Arrays.copyOfRange(rows, from, from + length));
        }
    }

    private void predict(
            Kind kind,
            SequencedMap<String, Tensor> logits,
            HeadBatch batch,
            List<Question> questions) {
        logits.forEach(
                (name, scores) -> {
                    var task = model.task(name);
                    var predictions = task.predict(model.parameters(), scores, batch);
                    for (int i = 0; i < questions.size(); i++) {
                        var question = questions.get(i);
                        // Some heads predict for long texts in a pass of their own.
                        if (kind.windows() || !question.isWindowed(task)) {
                            question.put(name, named(task, predictions.get(i)));
                        }
                    }
                });
    }

    private Prediction named(Task task, Prediction prediction) {
        return task.head().masks()
                ? prediction.withTokens(id -> model.tokenizer().decode(new long[] {id}, false))
                : prediction;
    }

    /**
     * Pads windows over two texts that are read together; the tensors belong to the innermost
     * scope.
     *
     * @param texts the two
     * @param windows an example each
     */
    private HeadBatch pairBatch(List<TokenizedText> texts, List<TokenizedPair> windows) {
        var repeated = Collections.nCopies(windows.size(), texts);
        return model.batch(
                repeated.stream().flatMap(List::stream).map(TokenizedText::text).toList(),
                repeated.stream().flatMap(List::stream).map(TokenizedText::encoding).toList(),
                2,
                windows);
    }
}
