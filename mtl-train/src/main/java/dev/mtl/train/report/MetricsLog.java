package dev.mtl.train.report;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.AtomicFile;
import dev.mtl.train.progress.TrainingListener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code metrics.jsonl}: an object for each step and each evaluation. Every line is on disk, as far
 * as the operating system goes, before training goes on.
 */
final class MetricsLog implements TrainingListener {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    /**
     * Opens the file.
     *
     * @param step the last one of which the lines stay, for a run that goes on from there
     */
    MetricsLog(Path file, int step) {
        this.file = file;
        keep(step);
    }

    /** Drops what was written after a step, and a line that was not finished. */
    private void keep(int step) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            AtomicFile.replaceText(
                    file,
                    out -> {
                        if (step > 0 && Files.exists(file)) {
                            MetricsLines.read(
                                    file,
                                    (line, said) -> {
                                        if (said.path("step").asInt() <= step) {
                                            out.write(line + "\n");
                                        }
                                    });
                        }
                    });
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void onStep(Step step) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step.step());
        json.put("epoch", step.epoch());
        json.put("loss", finite(step.loss()));
        var losses = new LinkedHashMap<String, Object>();
        step.taskLosses().forEach((task, loss) -> losses.put(task, finite(loss)));
        json.put("tasks", losses);
        json.put("learning_rates", step.learningRates());
        json.put("grad_norm", finite(step.gradientNorm()));
        json.put("tokens", step.tokens());
        json.put("seconds", step.seconds());
        write(json);
    }

    /** JSON has no infinities. */
    private static Object finite(double figure) {
        return Double.isFinite(figure) ? (Object) figure : String.valueOf(figure);
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
        json.put("best", evaluated.best());
        if (evaluated.best()) {
            json.put("details", BestDetails.toJson(evaluated.evaluation()));
        }
        json.put("seconds", evaluated.seconds());
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
            throw new MtlException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
