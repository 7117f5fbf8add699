package dev.mtl.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.TextPair;
import dev.mtl.core.pipeline.ValuePrediction;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Scores segments against a query by a task of a trained model that takes two texts, the query
 * first: the number that it gives, such as a similarity, or the probability of one of its labels.
 * The pipeline stays the caller's.
 */
public final class MtlScoringModel implements ScoringModel {
    private final Pipeline pipeline;
    private final String task;
    private final @Nullable String label;

    private MtlScoringModel(Pipeline pipeline, String task, @Nullable String label) {
        this.pipeline = pipeline;
        this.task = task;
        this.label = label;
    }

    /** Scores by the number that a task gives for two texts. */
    public static MtlScoringModel byValue(Pipeline pipeline, String task) {
        return new MtlScoringModel(pipeline, task, null);
    }

    /** Scores by the probability of a label for two texts, such as {@code relevant}. */
    public static MtlScoringModel byLabel(Pipeline pipeline, String task, String label) {
        return new MtlScoringModel(pipeline, task, label);
    }

    /**
     * Scores segments.
     *
     * @throws ConfigurationException if the task does not take two texts, or gives no such score
     */
    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        var pairs = segments.stream().map(segment -> TextPair.of(query, segment.text())).toList();
        return Response.from(
                pipeline.analyzePairs(pairs).stream()
                        .map(analysis -> score(analysis.prediction(task)))
                        .toList());
    }

    private double score(Prediction prediction) {
        if (label == null && prediction instanceof ValuePrediction number) {
            return number.value();
        }
        if (label != null && prediction instanceof LabelPrediction labelled) {
            return labelled.labels().stream()
                    .filter(each -> each.name().equals(label))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new ConfigurationException(
                                            "task '%s' has no label '%s'".formatted(task, label)))
                    .score();
        }
        throw new ConfigurationException(
                "task '%s' gives %s, not %s"
                        .formatted(
                                task,
                                prediction.getClass().getSimpleName(),
                                label == null ? "a number" : "labels"));
    }
}
