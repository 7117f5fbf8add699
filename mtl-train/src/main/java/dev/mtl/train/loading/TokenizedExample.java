package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.data.Example;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An example as training reads it.
 *
 * @param texts the example's texts with all of their tokens
 * @param window the two texts read together, of the second of which this example is a part; null if
 *     it is all of them
 * @param targets by task, as its head encodes them; of tasks that cannot use this example there is
 *     none
 */
public record TokenizedExample(
        Example example,
        List<TokenizedText> texts,
        @Nullable TokenizedPair window,
        Map<String, Object> targets) {
    public TokenizedExample {
        texts = List.copyOf(texts);
        targets = Map.copyOf(targets);
    }

    /** All of an example. */
    public TokenizedExample(
            Example example, List<TokenizedText> texts, Map<String, Object> targets) {
        this(example, texts, null, targets);
    }

    /** The two texts as they are read together. */
    public TokenizedPair pair() {
        return window == null ? TokenizedPair.of(texts) : window;
    }

    /** The places of some examples: {@code a.csv:2, 5, 9}. */
    public static String places(List<Example> examples) {
        var linesByFile = new LinkedHashMap<String, List<String>>();
        for (var example : examples) {
            int line = example.place().lastIndexOf(':') + 1;
            linesByFile
                    .computeIfAbsent(example.place().substring(0, line), f -> new ArrayList<>())
                    .add(example.place().substring(line));
        }
        var places = new ArrayList<String>();
        linesByFile.forEach((file, lines) -> places.add(file + String.join(", ", lines)));
        return String.join(", ", places);
    }

    /**
     * The token sequences that the encoder reads for the heads of some tasks: the texts, the two
     * texts together, or both.
     */
    public List<Encoding> sequences(MultiTaskModel model, Collection<String> tasks) {
        var sequences = new ArrayList<Encoding>();
        if (model.readsTexts(tasks)) {
            texts.forEach(text -> sequences.add(text.encoding()));
        }
        if (model.readsPairs(tasks)) {
            sequences.add(pair().encoding());
        }
        return sequences;
    }

    /**
     * The same example with its targets of some tasks encoded for its tokens.
     *
     * @throws UnknownLabelsException for labels that the training data does not have
     * @throws ConfigurationException if a head cannot use such a target at all
     */
    public TokenizedExample withTargets(Collection<Task> tasks) {
        var encoded = new HashMap<String, Object>();
        tasks.stream()
                .filter(task -> example.targets().containsKey(task.name()))
                .forEach(task -> encoded.put(task.name(), encodeTarget(task)));
        return new TokenizedExample(example, texts, window, encoded);
    }

    /**
     * Encodes the target of one task.
     *
     * @throws UnknownLabelsException for labels that the training data does not have
     * @throws ConfigurationException if the head cannot use such a target at all
     */
    Object encodeTarget(Task task) {
        var target = Objects.requireNonNull(example.targets().get(task.name()), task.name());
        try {
            return task.encodeTarget(
                    target,
                    window == null ? TokenizedTexts.of(texts) : TokenizedTexts.of(texts, window));
        } catch (UnknownLabelsException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "tasks." + task.name() + ": " + example.place() + ": " + e.getMessage(), e);
        }
    }
}
