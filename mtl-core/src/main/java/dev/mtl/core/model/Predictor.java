package dev.mtl.core.model;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.internal.LengthBuckets;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Predicts with the heads of a model. Thread-safe; the work runs on the given workers, in batches
 * of similar length. The caller closes the model and the workers.
 */
public final class Predictor {
    private final MultiTaskModel model;
    private final Workers workers;

    public Predictor(MultiTaskModel model, Workers workers) {
        this.model = model;
        this.workers = workers;
    }

    /**
     * Predicts by all tasks that take one text.
     *
     * @param texts as users wrote them
     * @return for each text, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(List<String> texts) {
        var tasks =
                model.tasks().values().stream()
                        .filter(task -> task.head().textArity().allows(1))
                        .map(Task::name)
                        .toList();
        return predict(texts.stream().map(PreTokenizedText::of).map(List::of).toList(), tasks);
    }

    /**
     * Predicts by some tasks, see {@link #predictTokenized}.
     *
     * @param examples of as many texts each as the tasks take
     * @return for each example, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(
            List<List<PreTokenizedText>> examples, Collection<String> tasks) {
        return predictTokenized(model.tokenizer().tokenizeExamples(examples), tasks);
    }

    /**
     * Predicts by some tasks. Heads of tokens read all of a text that is longer than the model's
     * input, in windows; heads of sentences read its beginning, as in training.
     *
     * @param examples of as many texts each as the tasks take
     * @return for each example, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predictTokenized(
            List<List<TokenizedText>> examples, Collection<String> tasks) {
        var pairs =
                model.readsPairs(tasks)
                        ? examples.stream().map(texts -> List.of(TokenizedPair.of(texts))).toList()
                        : Collections.nCopies(examples.size(), List.<TokenizedPair>of());
        var lengths =
                IntStream.range(0, examples.size())
                        .map(i -> paddedTokens(examples.get(i), pairs.get(i), tasks))
                        .toArray();
        var tuning = Tuning.current();
        var batches = LengthBuckets.plan(lengths, tuning.batchTokens(), tuning.smallCallBatches());
        var results =
                Stream.generate(
                                () ->
                                        (Map<String, Prediction>)
                                                new ConcurrentHashMap<String, Prediction>())
                        .limit(examples.size())
                        .toList();
        var ofTokens = tasks.stream().filter(task -> model.task(task).readsTokensOnly()).toList();
        var work = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < examples.size(); i++) {
            if (!ofTokens.isEmpty() && isTruncated(examples.get(i))) {
                var text = examples.get(i).getFirst();
                var result = results.get(i);
                work.add(() -> predictLong(text, ofTokens, result));
            }
        }
        for (var batch : batches) {
            work.add(
                    () ->
                            predict(
                                    pick(batch, examples),
                                    pick(batch, pairs).stream().flatMap(List::stream).toList(),
                                    tasks,
                                    pick(batch, results)));
        }
        workers.all(work);
        return results.stream().map(result -> ordered(result, tasks)).toList();
    }

    /** In the order of the tasks: the passes that fill a result run in any order. */
    private static SequencedMap<String, Prediction> ordered(
            Map<String, Prediction> result, Collection<String> tasks) {
        var ordered = new LinkedHashMap<String, Prediction>();
        tasks.forEach(task -> ordered.put(task, Objects.requireNonNull(result.get(task))));
        return ordered;
    }

    private boolean predictLong(
            TokenizedText text, Collection<String> tasks, Map<String, Prediction> result) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var known = WindowedText.encode(model, text);
            var logits =
                    model.heads(
                            model.parameters(),
                            MultiTaskModel.Embeddings.ofTexts(known.embeddings()),
                            known.batch(),
                            Mode.EVALUATION,
                            tasks);
            logits.forEach(
                    (name, scores) ->
                            result.put(
                                    name,
                                    model.task(name)
                                            .predict(model.parameters(), scores, known.batch())
                                            .getFirst()));
        }
        return true;
    }

    /** How many tokens the backbone reads of an example, its texts padded to the longest. */
    private int paddedTokens(
            List<TokenizedText> texts, List<TokenizedPair> pairs, Collection<String> tasks) {
        int longest = texts.stream().mapToInt(text -> text.encoding().length()).max().orElseThrow();
        int together = pairs.stream().mapToInt(pair -> pair.encoding().length()).sum();
        return model.readsTexts(tasks) ? texts.size() * longest + together : together;
    }

    /** Heads of tokens take one text. */
    private static boolean isTruncated(List<TokenizedText> texts) {
        return texts.getFirst().encoding().truncated();
    }

    private static <T> List<T> pick(int[] indices, List<T> all) {
        return Arrays.stream(indices).mapToObj(all::get).toList();
    }

    private boolean predict(
            List<List<TokenizedText>> examples,
            List<TokenizedPair> pairs,
            Collection<String> tasks,
            List<Map<String, Prediction>> results) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var texts = examples.stream().flatMap(List::stream).toList();
            var batch =
                    model.batch(
                            texts.stream().map(TokenizedText::text).toList(),
                            texts.stream().map(TokenizedText::encoding).toList(),
                            examples.getFirst().size(),
                            pairs);
            var weights = model.parameters();
            var embeddings = model.encode(batch, tasks, tokens -> model.encoder().forward(tokens));
            var logits = model.heads(weights, embeddings, batch, Mode.EVALUATION, tasks);
            logits.forEach(
                    (name, scores) -> {
                        var task = model.task(name);
                        var predictions = task.predict(weights, scores, batch);
                        for (int i = 0; i < results.size(); i++) {
                            // Token heads' predictions for long texts come from predictLong.
                            if (!task.readsTokensOnly() || !isTruncated(examples.get(i))) {
                                results.get(i).put(name, predictions.get(i));
                            }
                        }
                    });
        }
        return true;
    }
}
