package dev.mtl.cli;

import dev.mtl.train.loop.TrainingListener;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;

/** Shows how training goes: progress on stderr, a result for each evaluation on stdout. */
final class TrainingReport implements TrainingListener {
    private final Console console;
    private final Progress progress;
    private final boolean json;
    private final long begun = System.nanoTime();
    private long tokens;

    TrainingReport(Console console, Progress progress, boolean json) {
        this.console = console;
        this.progress = progress;
        this.json = json;
    }

    @Override
    public void onStep(Step step) {
        tokens += step.tokens();
        double seconds = (System.nanoTime() - begun) / 1e9;
        var left =
                Duration.ofSeconds(
                        Math.round(seconds / step.step() * (step.steps() - step.step())));
        progress.show(
                String.format(
                        Locale.ROOT,
                        "step %d of %d, epoch %.2f, loss %.4f, %.0f tokens/s, %d:%02d:%02d left",
                        step.step(),
                        step.steps(),
                        step.epoch(),
                        step.loss(),
                        tokens / seconds,
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
            // Nobody reads on, but the model is what training is for.
        }
    }

    private void print(Evaluated evaluated) {
        if (json) {
            var object = new LinkedHashMap<String, Object>();
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
                            "step %d, epoch %.2f: train loss %.4f; %s%s",
                            evaluated.step(),
                            evaluated.epoch(),
                            evaluated.trainLoss(),
                            Scores.toText(evaluated.evaluation()),
                            evaluated.best() ? " (best so far)" : ""));
        }
    }
}
