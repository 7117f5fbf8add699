package dev.mtl.core.model.answer;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** An example on its way through a model, and the answers that it has so far. */
final class Question {
    final List<TokenizedText> texts;

    /** Of the two texts as they are read together; empty unless a head does so. */
    final List<TokenizedPair> pairs;

    /** Whether some of their tokens are cut off. */
    boolean isPairTruncated() {
        return !pairs.isEmpty() && pairs.getFirst().encoding().truncated();
    }

    /** Whether a task reads the example in windows, in a pass of its own. */
    boolean isWindowed(Task task) {
        return (task.readsTokensOnly() && isTruncated())
                || (task.readsPairWindows() && isPairTruncated());
    }

    /** Filled by the passes of short and of long texts, in any order. */
    private final Map<String, Prediction> predictions = new ConcurrentHashMap<>();

    private volatile float @Nullable [][] embeddings;

    private volatile float @Nullable [][] tokenEmbeddings;

    Question(List<TokenizedText> texts, List<TokenizedPair> pairs) {
        this.texts = texts;
        this.pairs = pairs;
    }

    /** Whether the first text is longer than the model's input. Heads of tokens take one text. */
    boolean isTruncated() {
        return texts.getFirst().encoding().truncated();
    }

    /** Length of the longest text in tokens. */
    int longest() {
        return texts.stream().mapToInt(text -> text.encoding().length()).max().orElseThrow();
    }

    void put(String task, Prediction prediction) {
        predictions.put(task, prediction);
    }

    void put(float[][] sentences) {
        embeddings = sentences;
    }

    void putTokens(float[][] tokens) {
        tokenEmbeddings = tokens;
    }

    /** The predictions of some tasks, of which all have been made. */
    Answer answer(MultiTaskModel model, Collection<String> tasks) {
        var ordered = new LinkedHashMap<String, Prediction>();
        for (var task : tasks) {
            var own = prediction(task);
            var other = model.task(task).head().entitiesTask();
            ordered.put(task, other.isPresent() ? own.withEntities(prediction(other.get())) : own);
        }
        return new Answer(embeddings, tokenEmbeddings, ordered);
    }

    private Prediction prediction(String task) {
        return Objects.requireNonNull(predictions.get(task));
    }
}
