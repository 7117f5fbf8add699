package dev.mtl.core.model;

import dev.mtl.core.bert.Frozen;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.SplitText;
import dev.mtl.core.nn.LengthBatches;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * What every head of a model says of texts. Any number of threads may call it; the work runs on the
 * given workers, in batches of similar length. Neither the model nor the workers are its own.
 */
public final class Predictor {
    private final MultiTaskModel model;
    private final Workers workers;

    public Predictor(MultiTaskModel model, Workers workers) {
        this.model = model;
        this.workers = workers;
    }

    /**
     * Predicts, by all tasks that take one text.
     *
     * @return for each text, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(List<SplitText> texts) {
        var tasks =
                model.tasks().values().stream()
                        .filter(task -> task.head().input() != HeadInput.SENTENCES)
                        .map(Task::name)
                        .toList();
        return predict(texts.stream().map(List::of).toList(), tasks);
    }

    /**
     * Predicts, by some tasks.
     *
     * @param examples of as many texts each as the tasks take
     * @return for each example, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(
            List<List<SplitText>> examples, Collection<String> tasks) {
        var encodings =
                examples.stream()
                        .map(texts -> texts.stream().map(model::tokenize).toList())
                        .toList();
        // As many tokens as the padded texts of the example have together.
        var lengths = encodings.stream().mapToInt(own -> own.size() * longest(own)).toArray();
        var batches =
                LengthBatches.plan(lengths, EncoderOptions.DEFAULT_BATCH_TOKENS, workers.count());
        var results =
                Stream.generate(
                                () ->
                                        (SequencedMap<String, Prediction>)
                                                new LinkedHashMap<String, Prediction>())
                        .limit(examples.size())
                        .toList();
        workers.all(
                batches.stream()
                        .map(
                                batch ->
                                        (Callable<Boolean>)
                                                () -> {
                                                    predict(
                                                            pick(batch, examples),
                                                            pick(batch, encodings),
                                                            tasks,
                                                            pick(batch, results));
                                                    return true;
                                                })
                        .toList());
        return results;
    }

    private static int longest(List<Encoding> encodings) {
        return encodings.stream().mapToInt(Encoding::length).max().orElseThrow();
    }

    private static <T> List<T> pick(int[] indices, List<T> all) {
        return Arrays.stream(indices).mapToObj(all::get).toList();
    }

    private void predict(
            List<List<SplitText>> examples,
            List<List<Encoding>> encodings,
            Collection<String> tasks,
            List<SequencedMap<String, Prediction>> results) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch =
                    model.batch(
                            examples.stream().flatMap(List::stream).toList(),
                            encodings.stream().flatMap(List::stream).toList(),
                            examples.getFirst().size());
            var weights = model.parameters();
            var tokens = model.encode(weights, batch, Mode.EVALUATION, Frozen.NOTHING);
            var logits = model.heads(weights, tokens, batch, Mode.EVALUATION, tasks);
            logits.forEach(
                    (name, scores) -> {
                        var head = model.task(name).head();
                        var predictions = head.predict(scores, batch);
                        for (int i = 0; i < results.size(); i++) {
                            results.get(i).put(name, predictions.get(i));
                        }
                    });
        }
    }
}
