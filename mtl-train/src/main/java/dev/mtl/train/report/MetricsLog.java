package dev.mtl.train.report;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes {@code metrics.jsonl}: a JSON object for each step and each evaluation, and one for what
 * was fitted after training. Every line is handed to the operating system before training
 * continues.
 */
final class MetricsLog implements TrainingListener {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    /**
     * Opens the file.
     *
     * @param step the last step whose lines are kept, for a resumed run; 0 for a new one
     */
    MetricsLog(Path file, int step) {
        this.file = file;
        keep(step);
    }

    /** Drops the lines after a step, and an incomplete line. */
    private void keep(int step) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            AtomicFile.replaceText(
                    file,
                    out -> {
                        if (step > 0 && Files.exists(file)) {
                            MetricsLines.read(
                                    file,
                                    (line, json) -> {
                                        if (json.path("step").asInt() <= step) {
                                            out.write(line + "\n");
                                        }
                                    });
                        }
                    });
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }

    @Override
    public void onStep(Step step) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step.step());
        json.put("epoch", step.epoch());
        json.put("loss", finite(step.loss()));
        json.put("tasks", finite(step.taskLosses()));
        if (!step.lossParts().isEmpty()) {
            var parts = new LinkedHashMap<String, Object>();
            step.lossParts().forEach((task, own) -> parts.put(task, finite(own)));
            json.put("loss_parts", parts);
        }
        json.put("learning_rates", step.learningRates());
        json.put("grad_norm", finite(step.gradientNorm()));
        json.put("tokens", step.tokens());
        json.put("seconds", step.seconds());
        write(json);
    }

    private static Map<String, Object> finite(Map<String, Double> values) {
        var finite = new LinkedHashMap<String, Object>();
        values.forEach((name, value) -> finite.put(name, finite(value)));
        return finite;
    }

    /** JSON has no infinities and NaNs: they become strings. */
    private static Object finite(double value) {
        return Double.isFinite(value) ? (Object) value : String.valueOf(value);
    }

    @Override
    public void onEvaluation(Evaluated evaluated) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", evaluated.step());
        json.put("epoch", evaluated.epoch());
        var loss = evaluated.trainLoss();
        json.put("train_loss", loss == null ? null : finite(loss));
        json.put("evaluation", evaluated.evaluation().tasks());
        evaluated
                .evaluation()
                .jointAccuracy()
                .ifPresent(accuracy -> json.put("joint_accuracy", accuracy));
        json.put("rows", evaluated.evaluation().rows());
        json.put("best", evaluated.best());
        if (evaluated.best()) {
            json.put("details", BestDetails.toJson(evaluated.evaluation()));
        }
        json.put("seconds", evaluated.seconds());
        write(json);
    }

    @Override
    public void onFitted(Fitted fitted) {
        var tasks = new LinkedHashMap<String, Object>();
        fitted.after()
                .forEach(
                        (task, after) -> {
                            var scores = new LinkedHashMap<String, Object>();
                            scores.put("before", fitted.before().get(task));
                            scores.put("after", after);
                            tasks.put(task, scores);
                        });
        var json = new LinkedHashMap<String, Object>();
        json.put("step", fitted.step());
        json.put("fitted", tasks);
        write(json);
    }

    /** Writes a fact about the run, which is told after a step. */
    void write(String fact, int step) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step);
        json.put("note", fact);
        write(json);
    }

    @Override
    public void onTest(int step, Evaluation evaluation) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step);
        json.put("test", evaluation.tasks());
        evaluation.jointAccuracy().ifPresent(joint -> json.put("joint_accuracy", joint));
        json.put("rows", evaluation.rows());
        json.put("details", BestDetails.toJson(evaluation));
        write(json);
    }

    private void write(Map<String, Object> json) {
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(json) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
