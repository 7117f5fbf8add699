package dev.mtl.cli.report;

import dev.mtl.train.progress.Evaluation;

import java.util.LinkedHashMap;
import java.util.Map;

/** Prints what {@code evaluate} found. */
public final class EvaluationReport {
    private final Evaluation evaluation;
    private final int skipped;

    /**
     * A report.
     *
     * @param skipped rows that some task left out
     */
    public EvaluationReport(Evaluation evaluation, int skipped) {
        this.evaluation = evaluation;
        this.skipped = skipped;
    }

    /** As one JSON object. */
    public Map<String, Object> toJson() {
        var tasks = new LinkedHashMap<String, Object>();
        evaluation
                .tasks()
                .forEach(
                        (task, scores) -> {
                            var json = new LinkedHashMap<String, Object>(scores);
                            var details = evaluation.details().get(task);
                            if (details != null && !details.byLabel().isEmpty()) {
                                json.put("labels", details.byLabel());
                            }
                            tasks.put(task, json);
                        });
        var json = new LinkedHashMap<String, Object>();
        json.put("tasks", tasks);
        evaluation.jointAccuracy().ifPresent(joint -> json.put("joint_accuracy", joint));
        json.put("rows", evaluation.rows());
        json.put("skipped", skipped);
        return json;
    }
}
