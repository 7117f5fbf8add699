package dev.mtl.core.model;

import dev.mtl.core.bert.Frozen;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.SplitText;
import dev.mtl.core.nn.LengthBatches;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;

import java.util.Arrays;
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
     * Predicts.
     *
     * @return for each text, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(List<SplitText> texts) {
        var encodings = texts.stream().map(model::tokenize).toList();
        var lengths = encodings.stream().mapToInt(Encoding::length).toArray();
        var batches =
                LengthBatches.plan(lengths, EncoderOptions.DEFAULT_BATCH_TOKENS, workers.count());
        var results =
                Stream.generate(
                                () ->
                                        (SequencedMap<String, Prediction>)
                                                new LinkedHashMap<String, Prediction>())
                        .limit(texts.size())
                        .toList();
        workers.all(
                batches.stream()
                        .map(
                                batch ->
                                        (Callable<Boolean>)
                                                () -> {
                                                    predict(batch, texts, encodings, results);
                                                    return true;
                                                })
                        .toList());
        return results;
    }

    private void predict(
            int[] indices,
            List<SplitText> texts,
            List<Encoding> encodings,
            List<SequencedMap<String, Prediction>> results) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch =
                    model.batch(
                            Arrays.stream(indices).mapToObj(texts::get).toList(),
                            Arrays.stream(indices).mapToObj(encodings::get).toList());
            var weights = model.parameters();
            var tokens = model.encode(weights, batch, Mode.EVALUATION, Frozen.NOTHING);
            var logits =
                    model.heads(weights, tokens, batch, Mode.EVALUATION, model.tasks().keySet());
            logits.forEach(
                    (name, scores) -> {
                        var head = model.task(name).head();
                        var predictions = head.predict(scores, batch);
                        for (int i = 0; i < indices.length; i++) {
                            results.get(indices[i]).put(name, predictions.get(i));
                        }
                    });
        }
    }
}
