package dev.mtl.train.sampling;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.Tensor;
import dev.mtl.train.data.TokenizedExample;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * The examples of one forward and backward pass.
 *
 * @param texts of B examples, those of an example next to each other
 * @param encodings their tokens, as the model reads them
 * @param textsPerExample K
 * @param targets by task, one for each example, from {@link dev.mtl.core.model.Task#encodeTarget}
 * @param features computes the token embeddings {@code [B * K, S, H]} from those that were kept;
 *     null if the encoder has to run
 */
public record MicroBatch(
        List<PreTokenizedText> texts,
        List<Encoding> encodings,
        int textsPerExample,
        SequencedMap<String, List<Object>> targets,
        @Nullable Supplier<Tensor> features) {
    /** A batch of single texts that the encoder reads. */
    public MicroBatch(
            List<PreTokenizedText> texts,
            List<Encoding> encodings,
            SequencedMap<String, List<Object>> targets) {
        this(texts, encodings, 1, targets, null);
    }

    /**
     * Makes a batch of examples.
     *
     * @param tasks that the examples have targets for
     */
    public static MicroBatch of(
            List<TokenizedExample> examples,
            List<String> tasks,
            @Nullable Supplier<Tensor> features) {
        var texts = examples.stream().flatMap(example -> example.texts().stream()).toList();
        var targets = new LinkedHashMap<String, List<Object>>();
        for (var task : tasks) {
            targets.put(
                    task,
                    examples.stream()
                            .map(example -> Objects.requireNonNull(example.targets().get(task)))
                            .toList());
        }
        return new MicroBatch(
                texts.stream().map(TokenizedText::text).toList(),
                texts.stream().map(TokenizedText::encoding).toList(),
                texts.size() / examples.size(),
                targets,
                features);
    }
}
