package dev.mtl.train.sampling;

import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.data.Dataset;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A data group whose texts are tokenized, and perhaps encoded. Texts are numbered through, those of
 * an example beside each other.
 */
public final class PreparedGroup implements AutoCloseable {
    private final Dataset group;
    private final List<TokenizedText> texts;
    private final int textsPerExample;
    private final Map<String, List<Object>> targets = new HashMap<>();
    private @Nullable FeatureCache features;

    PreparedGroup(Dataset group, MultiTaskModel model) {
        this.group = group;
        textsPerExample = group.examples().getFirst().texts().size();
        texts =
                model.tokenizer()
                        .tokenize(
                                group.examples().stream()
                                        .flatMap(example -> example.texts().stream())
                                        .toList());
        for (var task : group.tasks()) {
            targets.put(task, encodeTargets(model.task(task)));
        }
    }

    private List<Object> encodeTargets(Task task) {
        var encoded = new ArrayList<>();
        for (var example : group.examples()) {
            int from = encoded.size() * textsPerExample;
            encoded.add(
                    task.encodeTarget(
                            Objects.requireNonNull(example.targets().get(task.name())),
                            TokenizedTexts.of(texts.subList(from, from + textsPerExample))));
        }
        return encoded;
    }

    public Dataset group() {
        return group;
    }

    public List<TokenizedText> texts() {
        return texts;
    }

    /** The tokens of each example's longest text. */
    public int[] lengths() {
        var lengths = new int[group.examples().size()];
        for (int i = 0; i < texts.size(); i++) {
            int example = i / textsPerExample;
            lengths[example] = Math.max(lengths[example], texts.get(i).encoding().length());
        }
        return lengths;
    }

    /** Computes the token embeddings once for all; the backbone must not change from here on. */
    void encode(MultiTaskModel model, Workers workers, int batchTokens, IntConsumer progress) {
        features = FeatureCache.compute(model, texts, workers, batchTokens, progress);
    }

    MicroBatch microBatch(int[] examples) {
        var chosen = new LinkedHashMap<String, List<Object>>();
        for (var task : group.tasks()) {
            var all = Objects.requireNonNull(targets.get(task), task);
            chosen.put(task, Arrays.stream(examples).mapToObj(all::get).toList());
        }
        var own =
                Arrays.stream(examples)
                        .flatMap(
                                example ->
                                        IntStream.range(0, textsPerExample)
                                                .map(text -> example * textsPerExample + text))
                        .toArray();
        var known = features;
        return new MicroBatch(
                Arrays.stream(own).mapToObj(i -> texts.get(i).text()).toList(),
                Arrays.stream(own).mapToObj(i -> texts.get(i).encoding()).toList(),
                textsPerExample,
                chosen,
                known == null ? null : () -> known.batch(own));
    }

    @Override
    public void close() {
        if (features != null) {
            features.close();
        }
    }
}
