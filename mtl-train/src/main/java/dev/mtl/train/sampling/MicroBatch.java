package dev.mtl.train.sampling;

import dev.mtl.core.model.Embeddings;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.loading.TokenizedExample;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The examples of one forward and backward pass.
 *
 * @param texts of B examples, those of an example next to each other
 * @param encodings their tokens, as the model reads them
 * @param textsPerExample K
 * @param pairs the two texts of each example as heads read them together; empty if none does
 * @param targets by task, one for each example, from {@link dev.mtl.core.model.Task#encodeTarget}
 * @param features returns the token embeddings that were kept; null if the encoder has to run
 */
public record MicroBatch(
        List<PreTokenizedText> texts,
        List<Encoding> encodings,
        int textsPerExample,
        List<TokenizedPair> pairs,
        SequencedMap<String, List<Object>> targets,
        @Nullable Supplier<Embeddings> features) {
    /** A batch of single texts that the encoder reads. */
    public MicroBatch(
            List<PreTokenizedText> texts,
            List<Encoding> encodings,
            SequencedMap<String, List<Object>> targets) {
        this(texts, encodings, 1, List.of(), targets, null);
    }

    /** The same examples, with the targets of some tasks. */
    public MicroBatch ofTasks(Predicate<String> wanted) {
        var kept = new LinkedHashMap<>(targets);
        kept.keySet().removeIf(wanted.negate());
        return new MicroBatch(texts, encodings, textsPerExample, pairs, kept, features);
    }

    /**
     * Makes a batch of examples.
     *
     * @param tasks that every example has a target for
     * @param inPairs whether heads read the two texts of an example together
     */
    public static MicroBatch of(
            List<TokenizedExample> examples,
            List<String> tasks,
            boolean inPairs,
            @Nullable Supplier<Embeddings> features) {
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
                inPairs ? examples.stream().map(TokenizedExample::pair).toList() : List.of(),
                targets,
                features);
    }
}
