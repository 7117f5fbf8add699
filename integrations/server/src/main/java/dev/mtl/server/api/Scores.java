package dev.mtl.server.api;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.TaskInfo;
import dev.mtl.server.model.TaskInfo.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Predictions as scored labels. */
final class Scores {
    private Scores() {}

    /** The labels of a task, best first; the values of one that gives numbers, in their order. */
    static List<Label> of(Prediction prediction) {
        return switch (prediction) {
            case LabelPrediction labelled -> labelled.labels();
            case ValuePrediction values ->
                    IntStream.range(0, values.values().size())
                            .mapToObj(i -> new Label("LABEL_" + i, values.values().get(i)))
                            .toList();
            default -> throw ApiException.cannot("Model is not a classifier model");
        };
    }

    /**
     * What a probability was computed of: the logarithm of its odds. Numbers that are no
     * probabilities stay as they are.
     */
    static double raw(double score, Prediction prediction) {
        return prediction instanceof LabelPrediction
                ? Math.log(Math.max(score, Float.MIN_NORMAL))
                        - Math.log(Math.max(1 - score, Float.MIN_NORMAL))
                : score;
    }

    /**
     * The task that a request names, or the first that gives scores.
     *
     * @param name null for the first
     * @param none what is said if the model has no such task
     */
    static TaskInfo task(LoadedModel model, @Nullable String name, int texts, String none) {
        var able =
                model.tasksOf(texts).stream()
                        .filter(task -> task.kind() == Kind.LABELS || task.kind() == Kind.VALUES)
                        .toList();
        if (able.isEmpty()) {
            throw ApiException.cannot(none);
        }
        if (name == null) {
            return able.getFirst();
        }
        return able.stream()
                .filter(task -> task.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                ApiException.invalid(
                                        "no task '%s' that gives scores; there are %s"
                                                .formatted(
                                                        name,
                                                        able.stream()
                                                                .map(TaskInfo::name)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }
}
