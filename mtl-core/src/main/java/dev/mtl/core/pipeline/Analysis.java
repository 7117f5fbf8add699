package dev.mtl.core.pipeline;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.answer.Answer;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Every answer of a model about one text, or about the texts of one example. */
public final class Analysis {
    private final List<String> texts;
    private final float[][] embeddings;
    private final SequencedMap<String, Prediction> predictions;
    private final int topK;

    /**
     * @param topK labels at most
     */
    Analysis(List<PreTokenizedText> texts, Answer answer, int topK) {
        this.texts = texts.stream().map(PreTokenizedText::text).toList();
        this.embeddings = Objects.requireNonNull(answer.embeddings());
        this.predictions = answer.predictions();
        this.topK = topK;
    }

    /** The text; of an example with several texts the first. */
    public String text() {
        return texts.getFirst();
    }

    /** The texts of the example. */
    public List<String> texts() {
        return texts;
    }

    /**
     * The sentence embedding, of the model's {@link Pipeline#dimensions}; the caller may change it.
     * Of a pair that is read together it is the pair's.
     *
     * @throws ConfigurationException if the example has several texts that are read one by one
     */
    public float[] embedding() {
        if (embeddings.length > 1) {
            throw new ConfigurationException(
                    "this example has an embedding for each of its %d texts: call embeddings()"
                            .formatted(embeddings.length));
        }
        return embeddings[0];
    }

    /** The sentence embedding of each text, or that of the pair if both are read together. */
    public List<float[]> embeddings() {
        return List.of(embeddings);
    }

    /**
     * The label that a task chose.
     *
     * @return null if it chose none, because it rejected the text, or no label is likely enough
     * @throws ConfigurationException if there is no such task, or it does not choose labels
     */
    public @Nullable Label label(String task) {
        return labelled(task).label().orElse(null);
    }

    /**
     * The labels of a task, best first: all, or as many as {@link PipelineOptions#topK} says.
     *
     * @throws ConfigurationException if there is no such task, or it does not choose labels
     */
    public List<Label> labels(String task) {
        var labels = labelled(task).labels();
        return labels.subList(0, Math.min(topK, labels.size()));
    }

    /**
     * The entities of a task in the order of the text.
     *
     * @throws ConfigurationException if there is no such task, or it does not label spans of texts
     */
    public List<Entity> entities(String task) {
        if (prediction(task) instanceof EntityPrediction found) {
            return found.entities();
        }
        throw wrongKind(task, "entities", EntityPrediction.class);
    }

    private LabelPrediction labelled(String task) {
        if (prediction(task) instanceof LabelPrediction labelled) {
            return labelled;
        }
        throw wrongKind(task, "labels", LabelPrediction.class);
    }

    private ConfigurationException wrongKind(
            String task, String wanted, Class<? extends Prediction> type) {
        var such =
                predictions.entrySet().stream()
                        .filter(entry -> type.isInstance(entry.getValue()))
                        .map(entry -> entry.getKey())
                        .collect(Collectors.joining(", "));
        return new ConfigurationException(
                "task '%s' does not give %s; tasks that do: %s"
                        .formatted(task, wanted, such.isEmpty() ? "none" : such));
    }

    /**
     * The prediction of a task, of the class that its head gives.
     *
     * @throws ConfigurationException if there is no such task
     */
    public Prediction prediction(String task) {
        var prediction = predictions.get(task);
        if (prediction == null) {
            throw new ConfigurationException(
                    "no task '%s' in this analysis; it has %s"
                            .formatted(
                                    task,
                                    predictions.isEmpty()
                                            ? "none"
                                            : String.join(", ", predictions.keySet())));
        }
        return prediction;
    }

    /** The predictions of all tasks, in the order of the model's tasks. */
    public SequencedMap<String, Prediction> predictions() {
        return Collections.unmodifiableSequencedMap(predictions);
    }

    @Override
    public String toString() {
        return texts
                + predictions.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + entry.getValue().toText())
                        .collect(Collectors.joining("; ", " ", ""));
    }
}
