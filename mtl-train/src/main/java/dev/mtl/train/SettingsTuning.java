package dev.mtl.train;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.torch.Device;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.run.Evaluator;
import dev.mtl.train.run.TrainingNotes;
import dev.mtl.train.workers.Workers;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fits what the heads of a trained model can fit: settings such as thresholds and temperatures, to
 * the validation data, and parameters that are not trained, to the training data.
 */
final class SettingsTuning {
    /** Training texts that parameters are computed from; more would only take time. */
    private static final int MOST_TEXTS = 20_000;

    private final HeadRegistry heads;
    private final List<? extends TrainingData> training;
    private final List<TokenizedDataset> validation;
    private final Workers workers;
    private final TrainingListener listener;
    private final TrainingNotes notes;

    SettingsTuning(
            HeadRegistry heads,
            List<? extends TrainingData> training,
            List<TokenizedDataset> validation,
            Workers workers,
            TrainingListener listener) {
        this.heads = heads;
        this.training = training;
        this.validation = validation;
        this.workers = workers;
        this.listener = listener;
        this.notes = new TrainingNotes(listener);
    }

    /** What is done with the model that has the fitted settings, which was saved after a step. */
    interface Save {
        void save(MultiTaskModel model, Evaluation evaluation, int step);
    }

    /**
     * Fits the settings of the model in a directory, if it has such heads.
     *
     * @param tasks of the model, with what their heads have learned of the training data
     */
    void run(Path directory, Device device, Collection<Task> tasks, Save save) {
        var validated = validation.stream().flatMap(own -> own.tasks().stream()).toList();
        var fits = new LinkedHashMap<String, HeadFit<?>>();
        var learned = new LinkedHashMap<String, Record>();
        for (var task : tasks) {
            var fit = HeadFit.of(heads, task.type(), task.settings());
            if (fit.isPresent() && validated.contains(task.name())) {
                fits.put(task.name(), fit.get());
                learned.put(task.name(), task.settings());
            } else if (fit.isPresent()) {
                notes.noValidationData(task.name());
            }
        }
        if (fits.isEmpty()) {
            return; // without loading the model
        }
        var weights = new LinkedHashMap<String, Map<String, float[]>>();
        var fitted = new LinkedHashMap<String, Record>();
        var before = new LinkedHashMap<String, Map<String, Double>>();
        try (var model = ModelFiles.load(directory, heads, device, learned)) {
            fitWeights(model, fits, weights);
            fitSettings(model, fits, fitted, before);
        }
        if (fitted.isEmpty()) {
            return;
        }
        try (var model = ModelFiles.load(directory, heads, device, fitted)) {
            weights.forEach((name, own) -> HeadFit.write(model, model.task(name), own));
            var evaluation = new Evaluator(model, workers.count()).evaluate(validation);
            int step = ModelFiles.savedAfter(directory).orElse(0);
            save.save(model, evaluation, step);
            var after = new LinkedHashMap<String, Map<String, Double>>();
            before.forEach(
                    (name, scores) -> {
                        var own = Objects.requireNonNull(evaluation.tasks().get(name));
                        after.put(name, own);
                        notes.fitted(name, model.task(name).head().primaryMetric(), scores, own);
                    });
            listener.onFitted(new TrainingListener.Fitted(step, before, after));
        }
    }

    /** Changes the model's parameters that are computed from the training data, and keeps them. */
    private void fitWeights(
            MultiTaskModel model,
            Map<String, HeadFit<?>> fits,
            Map<String, Map<String, float[]>> weights) {
        for (var dataset : training) {
            var names =
                    dataset.tasks().stream()
                            .filter(fits::containsKey)
                            .filter(name -> fit(fits, name).hasWeights())
                            .toList();
            var answers = answers(model, dataset.sample(MOST_TEXTS), names);
            for (var name : names) {
                var task = model.task(name);
                var own = fit(fits, name).weights(task, answers.of(name), answers.targets(name));
                weights.put(name, own);
                HeadFit.write(model, task, own);
            }
        }
    }

    private static HeadFit<?> fit(Map<String, HeadFit<?>> fits, String task) {
        return Objects.requireNonNull(fits.get(task));
    }

    /** Adds the settings that changed, and the scores without the change. */
    private void fitSettings(
            MultiTaskModel model,
            Map<String, HeadFit<?>> fits,
            Map<String, Record> fitted,
            Map<String, Map<String, Double>> before) {
        for (var dataset : validation) {
            var names = dataset.tasks().stream().filter(fits::containsKey).toList();
            var answers = answers(model, dataset.examples(), names);
            for (var name : names) {
                var task = model.task(name);
                var settings =
                        fit(fits, name).settings(task, answers.of(name), answers.targets(name));
                if (settings.equals(task.settings())) {
                    notes.nothingFitted(name, dataset.examples().size());
                } else {
                    fitted.put(name, settings);
                    before.put(name, answers.scores(task));
                }
            }
        }
    }

    /** Predicts examples by some tasks. */
    private Answers answers(
            MultiTaskModel model, List<TokenizedExample> examples, List<String> tasks) {
        if (tasks.isEmpty()) {
            return new Answers(List.of(), List.of());
        }
        var texts = examples.stream().map(TokenizedExample::texts).toList();
        var options = Predictor.Options.of(model).withThreads(workers.count());
        try (var predictor = new Predictor(model, options)) {
            return new Answers(examples, predictor.predictTokenized(texts, tasks));
        }
    }

    /** Predictions, and what the data says. */
    private record Answers(
            List<TokenizedExample> examples, List<SequencedMap<String, Prediction>> predictions) {
        /** For the examples that the task has a target for. */
        List<Prediction> of(String task) {
            return IntStream.range(0, examples.size())
                    .filter(i -> examples.get(i).example().targets().containsKey(task))
                    .mapToObj(i -> Objects.requireNonNull(predictions.get(i).get(task)))
                    .toList();
        }

        List<Target> targets(String task) {
            return examples.stream()
                    .flatMap(own -> Stream.ofNullable(own.example().targets().get(task)))
                    .toList();
        }

        Map<String, Double> scores(Task task) {
            var metric = task.head().newMetric();
            var own = of(task.name());
            var targets = targets(task.name());
            for (int i = 0; i < own.size(); i++) {
                metric.add(own.get(i), targets.get(i));
            }
            return metric.scores();
        }
    }
}
