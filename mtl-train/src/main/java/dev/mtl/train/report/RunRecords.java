package dev.mtl.train.report;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Records a run: {@code metrics.jsonl}, an event file for TensorBoard, and {@code report.html},
 * which is rewritten at each evaluation and checkpoint and when the run ends or fails.
 */
public final class RunRecords implements TrainingListener, AutoCloseable {
    private static final String METRICS = "metrics.jsonl";
    private static final String REPORT = "report.html";

    private final Path directory;
    private final String title;
    private final String configuration;
    private final MetricsLog metrics;
    private final List<TrainingListener> logs;
    private boolean reported;

    /**
     * Begins or continues the records.
     *
     * @param directory of the run
     * @param title of the report
     * @param configuration as YAML
     * @param step the last step of the checkpoint that the run resumes from, 0 for a new run;
     *     records of later steps are dropped
     */
    public RunRecords(Path directory, String title, String configuration, int step) {
        this.directory = directory;
        this.title = title;
        this.configuration = configuration;
        metrics = new MetricsLog(directory.resolve(METRICS), step);
        logs = List.of(metrics, new TensorBoardLog(directory, step));
    }

    /**
     * Records a fact about the run, such as what it goes on from.
     *
     * @param step after which it is told
     */
    public void keep(String fact, int step) {
        reported = false;
        metrics.write(fact, step);
    }

    @Override
    public void onStep(Step step) {
        reported = false;
        logs.forEach(log -> log.onStep(step));
    }

    @Override
    public void onEvaluation(Evaluated evaluated) {
        reported = false;
        logs.forEach(log -> log.onEvaluation(evaluated));
        report();
    }

    @Override
    public void onFitted(Fitted fitted) {
        reported = false;
        logs.forEach(log -> log.onFitted(fitted));
    }

    @Override
    public void onTest(int step, Evaluation evaluation) {
        reported = false;
        logs.forEach(log -> log.onTest(step, evaluation));
    }

    @Override
    public void onCheckpoint(int step, Path path) {
        report();
    }

    /** Writes the report if there are records that the last one does not contain. */
    @Override
    public void close() {
        report();
    }

    private void report() {
        if (reported) {
            return;
        }
        var file = directory.resolve(REPORT);
        try {
            var history = History.read(directory.resolve(METRICS));
            var page = HtmlReport.write(title, history, configuration);
            AtomicFile.replaceText(file, out -> out.write(page));
            reported = true;
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
