package dev.mtl.langchain4j;

import dev.langchain4j.classification.ClassificationResult;
import dev.langchain4j.classification.ScoredLabel;
import dev.langchain4j.classification.TextClassifier;
import dev.mtl.core.pipeline.Pipeline;

/**
 * Labels texts by a task of a trained model. The pipeline stays the caller's, who may use it for
 * other tasks, too.
 */
public final class MtlTextClassifier implements TextClassifier<String> {
    private final Pipeline pipeline;
    private final String task;

    /**
     * @param task of the pipeline, one that chooses labels
     */
    public MtlTextClassifier(Pipeline pipeline, String task) {
        this.pipeline = pipeline;
        this.task = task;
    }

    /**
     * The labels of a text.
     *
     * @return all labels, best first; none if the task rejects the text
     * @throws dev.mtl.core.ConfigurationException if the model has no such task
     */
    @Override
    public ClassificationResult<String> classifyWithScores(String text) {
        var analysis = pipeline.analyze(text);
        var labels = analysis.labels(task);
        return new ClassificationResult<>(
                labels.stream()
                        .map(label -> new ScoredLabel<>(label.name(), label.score()))
                        .toList());
    }
}
