package dev.mtl.train.sampling;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * What goes through the network at once.
 *
 * @param texts of B examples, those of each beside each other
 * @param encodings their tokens
 * @param textsPerExample K
 * @param targets by task, one for each example, as {@link dev.mtl.core.model.Task#encodeTarget}
 *     gives them
 * @param features gives the token embeddings {@code [B * K, S, H]} where they are known already
 */
public record MicroBatch(
        List<PreTokenizedText> texts,
        List<Encoding> encodings,
        int textsPerExample,
        SequencedMap<String, List<Object>> targets,
        @Nullable Supplier<Tensor> features) {
    /** A batch of single texts that goes through the backbone. */
    public MicroBatch(
            List<PreTokenizedText> texts,
            List<Encoding> encodings,
            SequencedMap<String, List<Object>> targets) {
        this(texts, encodings, 1, targets, null);
    }
}
