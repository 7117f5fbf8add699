package dev.mtl.cli.tune;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.tune.TrialLog.Trial;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;
import dev.mtl.train.config.SearchSpace;
import dev.mtl.train.config.SearchSpace.Kind;
import dev.mtl.train.config.SearchSpace.Range;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

/** Trains trials one after the other, and keeps the model of the best. */
public final class Search {
    private static final JsonMapper JSON = new JsonMapper();

    private final SearchSpace space;
    private final Settings settings;
    private final Function<List<String>, TrainingConfiguration> configuration;
    private final ModelDirectory backbone;
    private final Consumer<String> say;
    private final TrialLog log;
    private volatile boolean stopped;
    private volatile @Nullable Training running;

    /** Which trials train to the end. */
    public enum Method {
        RANDOM,
        HALVING
    }

    /**
     * How it is searched.
     *
     * @param seed of the values
     * @param directory of the trials
     * @param resume whether a search that has begun goes on
     */
    public record Settings(int trials, Method method, long seed, Path directory, boolean resume) {}

    /**
     * Begins a search, or goes on with one.
     *
     * @param configuration of some overrides
     * @param say takes messages for the user
     */
    public Search(
            SearchSpace space,
            Settings settings,
            Function<List<String>, TrainingConfiguration> configuration,
            ModelDirectory backbone,
            Consumer<String> say) {
        this.space = space;
        this.settings = settings;
        this.configuration = configuration;
        this.backbone = backbone;
        this.say = say;
        var search =
                "seed %d, %s, %s"
                        .formatted(
                                settings.seed(),
                                settings.method().name().toLowerCase(Locale.ROOT),
                                space.ranges());
        log = TrialLog.open(settings.directory(), search, settings.resume());
    }

    /** Ends the search after the step that is going on; called by any thread. */
    public void stop() {
        stopped = true;
        var training = running;
        if (training != null) {
            training.stop();
        }
    }

    /**
     * Trains until the search is over.
     *
     * @return whether it is; false if it was stopped
     */
    public boolean run() {
        int steps;
        int rungs = 1;
        try (var training = Training.of(trial(0), backbone)) {
            var plan = training.plan();
            steps = plan.steps();
            for (int epochs = plan.steps() / plan.stepsPerEpoch();
                    settings.method() == Method.HALVING && epochs >= Halving.REDUCTION;
                    epochs /= Halving.REDUCTION) {
                rungs++;
            }
        }
        var halving = new Halving(settings.trials(), rungs);
        log.trials().forEach(t -> halving.done(new Halving.Job(t.trial(), t.rung()), t.loss()));
        for (var job = halving.next(); job.isPresent(); job = halving.next()) {
            var done =
                    train(
                            job.get(),
                            (int)
                                    (steps
                                            / Math.pow(
                                                    Halving.REDUCTION,
                                                    rungs - 1 - job.get().rung())),
                            steps);
            if (done == null) {
                say.accept("stopped; --resume and the same options go on with the search");
                return false;
            }
            log.add(done);
            halving.done(job.get(), done.loss());
            say.accept(
                    String.format(
                            Locale.ROOT,
                            "trial %d, %d of %d steps, score %.4f: %s",
                            done.trial(),
                            done.steps(),
                            steps,
                            done.score(),
                            String.join(" ", done.values())));
        }
        finish(halving.best().orElseThrow().trial());
        return true;
    }

    private Path model(int trial) {
        return settings.directory().resolve("trial-" + trial);
    }

    private TrainingConfiguration trial(int trial) {
        var sets = new ArrayList<>(space.draw(settings.seed(), trial));
        sets.add("output.dir=\"" + model(trial).toString().replace("\\", "\\\\") + "\"");
        sets.add("training.keep_checkpoints=1");
        return configuration.apply(sets);
    }

    /** Trains a trial to a rung; null if it was stopped. */
    private @Nullable Trial train(Halving.Job job, int budget, int steps) {
        try (var training = Training.of(trial(job.trial()), backbone)) {
            training.resume(training.hasCheckpoint()).overwrite(true);
            training.onEvaluation(
                    evaluated -> {
                        if (evaluated.step() >= budget && evaluated.step() < steps) {
                            training.stop();
                        }
                    });
            running = training;
            if (stopped) {
                return null;
            }
            var result = training.run();
            running = null;
            if (stopped) {
                return null;
            }
            var facts = JSON.readTree(result.run().resolve("run.json").toFile());
            if (!facts.path("best").isNumber()) {
                throw new ConfigurationException(
                        "no trial has a score: a search needs validation data, and evaluations"
                                + " (training.evaluate_every) that are not NaN");
            }
            return new Trial(
                    job.trial(),
                    job.rung(),
                    space.draw(settings.seed(), job.trial()),
                    result.steps(),
                    facts.path("best").asDouble(),
                    facts.path("lower_is_better").asBoolean());
        } catch (IOException e) {
            throw new MtlException(model(job.trial()) + ".run/run.json: " + e.getMessage(), e);
        }
    }

    /** Deletes the models and checkpoints of all trials but the best, and draws the picture. */
    private void finish(int best) {
        for (var trial : last()) {
            var run = model(trial.trial()).resolveSibling("trial-" + trial.trial() + ".run");
            AtomicDirectory.delete(run.resolve("checkpoints"));
            if (trial.trial() != best) {
                AtomicDirectory.delete(model(trial.trial()));
            }
        }
        var logarithmic =
                space.ranges().stream()
                        .filter(range -> range.kind() == Kind.LOG)
                        .map(Range::path)
                        .toList();
        var picture = settings.directory().resolve("trials.svg");
        try {
            Files.writeString(
                    picture,
                    TrialPicture.draw(
                            space.ranges().stream().map(Range::path).toList(),
                            logarithmic,
                            log.trials()));
        } catch (IOException e) {
            throw new MtlException(picture + ": cannot be written: " + e.getMessage(), e);
        }
        say.accept("the best model is in " + model(best) + ", a picture in " + picture);
    }

    /** The highest rung of each trial, the best first. */
    private List<Trial> last() {
        var order = Comparator.comparingInt(Trial::rung).reversed();
        return log.trials().stream()
                .filter(
                        trial ->
                                log.trials().stream()
                                        .noneMatch(
                                                other ->
                                                        other.trial() == trial.trial()
                                                                && other.rung() > trial.rung()))
                .sorted(order.thenComparingDouble(Trial::loss).thenComparingInt(Trial::trial))
                .toList();
    }

    /** Prints a line for each trial, the best first. */
    public void print(Console console, boolean json) {
        if (!json) {
            console.result(
                    String.format(
                            Locale.ROOT, "%8s %8s %8s  %s", "trial", "steps", "score", "values"));
        }
        for (var trial : last()) {
            if (json) {
                console.json(trial.toJson());
            } else {
                console.result(
                        String.format(
                                Locale.ROOT,
                                "%8d %8d %8.4f  %s",
                                trial.trial(),
                                trial.steps(),
                                trial.score(),
                                String.join(" ", trial.values())));
            }
        }
    }
}
