package dev.mtl.cli.report;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.console.Results;
import dev.mtl.train.TrainingResult;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;

/** Prints the progress of training to stderr, and the scores of each evaluation to stdout. */
public final class TrainingReport implements TrainingListener {
    private final Console console;
    private final Progress progress;
    private final boolean json;
    private final Runnable onBegin;
    private final @Nullable Long seed;
    private long tokens;
    private double seconds;
    private int stepsOfThisProcess;

    /**
     * Creates a report.
     *
     * @param seed of one of several runs; null for a single run
     * @param onBegin called before the first step
     */
    public TrainingReport(
            Console console,
            Progress progress,
            boolean json,
            @Nullable Long seed,
            Runnable onBegin) {
        this.console = console;
        this.progress = progress;
        this.json = json;
        this.seed = seed;
        this.onBegin = onBegin;
    }

    @Override
    public void onBegin() {
        onBegin.run();
    }

    @Override
    public void onStep(Step step) {
        stepsOfThisProcess++;
        tokens += step.tokens();
        // Time within steps only: evaluations and checkpoints are not part of every step.
        seconds += step.seconds();
        var left =
                Duration.ofSeconds(
                        Math.round(seconds / stepsOfThisProcess * (step.steps() - step.step())));
        progress.show(
                String.format(
                        Locale.ROOT,
                        "step %d of %d, epoch %.2f, loss %.4f, %.0f tokens/s, %d:%02d:%02d left",
                        step.step(),
                        step.steps(),
                        step.epoch(),
                        step.loss(),
                        tokens / Math.max(seconds, 1e-9),
                        left.toHours(),
                        left.toMinutesPart(),
                        left.toSecondsPart()),
                (double) step.step() / step.steps());
    }

    @Override
    public void onEvaluation(Evaluated evaluated) {
        progress.finished();
        try {
            print(evaluated);
        } catch (Results.ClosedPipe e) {
            // The reader has gone, but training goes on: its result is the model.
        }
    }

    private void print(Evaluated evaluated) {
        if (json) {
            var object = new LinkedHashMap<String, Object>();
            if (seed != null) {
                object.put("seed", seed);
            }
            object.put("step", evaluated.step());
            object.put("epoch", evaluated.epoch());
            object.put("train_loss", evaluated.trainLoss());
            object.putAll(Scores.toJson(evaluated.evaluation()));
            object.put("best", evaluated.best());
            console.json(object);
        } else {
            console.result(
                    String.format(
                            Locale.ROOT,
                            "%sstep %d, epoch %.2f: train loss %s; %s%s",
                            seed == null ? "" : "seed " + seed + ", ",
                            evaluated.step(),
                            evaluated.epoch(),
                            loss(evaluated.trainLoss()),
                            Scores.toText(evaluated.evaluation()),
                            evaluated.best() ? " (best so far)" : ""));
        }
    }

    private static String loss(@Nullable Double mean) {
        return mean == null ? "-" : String.format(Locale.ROOT, "%.4f", mean);
    }

    @Override
    public void onTest(int step, Evaluation evaluation) {
        progress.finished();
        try {
            if (json) {
                var object = new LinkedHashMap<String, Object>();
                if (seed != null) {
                    object.put("seed", seed);
                }
                object.put("step", step);
                object.put("split", "test");
                object.putAll(Scores.toJson(evaluation));
                object.put("rows", evaluation.rows());
                console.json(object);
            } else {
                console.result(
                        "%stest, the model of step %d: %s (%d texts)"
                                .formatted(
                                        seed == null ? "" : "seed " + seed + ", ",
                                        step,
                                        Scores.toText(evaluation),
                                        evaluation.rows()));
            }
        } catch (Results.ClosedPipe e) {
            // The reader has gone: the scores are in the report and the card, too.
        }
    }

    @Override
    public void onNote(String note) {
        progress.line(note);
    }

    @Override
    public void onFirstPass(String source, long rows) {
        progress.show("first pass over %s: %,d rows".formatted(source, rows), -1);
    }

    @Override
    public void onFeatures(int texts, int ofTexts) {
        progress.show(
                "features computed for %d of %d texts".formatted(texts, ofTexts),
                (double) texts / ofTexts);
    }

    /**
     * Prints how training ended and what to do next.
     *
     * @param config the configuration file
     */
    public void end(TrainingResult result, Path config) {
        if (result.outcome() == Outcome.INTERRUPTED) {
            progress.line(
                    "stopped after step "
                            + result.steps()
                            + "; the checkpoint is in "
                            + result.run()
                            + "; continue with: mtl train "
                            + config
                            + " --resume, and the same options as before");
        } else {
            progress.line("the best model is in " + result.model());
        }
    }
}
