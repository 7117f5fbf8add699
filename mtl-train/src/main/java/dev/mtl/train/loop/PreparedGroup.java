package dev.mtl.train.loop;

import dev.mtl.core.head.SplitText;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.train.data.DataGroup;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;

/** A data group whose texts are tokenized, and perhaps encoded. */
final class PreparedGroup implements AutoCloseable {
    private final DataGroup group;
    private final List<SplitText> texts;
    private final List<Encoding> encodings;
    private @Nullable FeatureCache features;

    PreparedGroup(DataGroup group, MultiTaskModel model) {
        this.group = group;
        texts = group.examples().stream().map(e -> SplitText.ofWords(e.words())).toList();
        encodings = texts.stream().map(model::tokenize).toList();
    }

    DataGroup group() {
        return group;
    }

    List<Encoding> encodings() {
        return encodings;
    }

    /** The tokens of each text. */
    int[] lengths() {
        return encodings.stream().mapToInt(Encoding::length).toArray();
    }

    /** Computes the token embeddings once for all; the backbone must not change from here on. */
    void encode(MultiTaskModel model, Workers workers, int batchTokens, IntConsumer progress) {
        features = FeatureCache.compute(model, texts, encodings, workers, batchTokens, progress);
    }

    MicroBatch microBatch(int[] examples) {
        var targets = new LinkedHashMap<String, List<Target>>();
        for (var task : group.tasks()) {
            var own = new ArrayList<Target>();
            for (int index : examples) {
                own.add(
                        Objects.requireNonNull(
                                group.examples().get(index).targets().get(task), task));
            }
            targets.put(task, own);
        }
        var known = features;
        return new MicroBatch(
                Arrays.stream(examples).mapToObj(texts::get).toList(),
                Arrays.stream(examples).mapToObj(encodings::get).toList(),
                targets,
                known == null ? null : () -> known.batch(examples));
    }

    @Override
    public void close() {
        if (features != null) {
            features.close();
        }
    }
}
