package dev.mtl.train;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Predictor;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Workers;
import dev.mtl.torch.Device;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.TokenizedDataset;
import dev.mtl.train.data.TokenizedExample;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.run.Evaluator;
import dev.mtl.train.run.TrainingNotes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Fits what a trained model's heads can fit to the validation data, such as thresholds. */
final class SettingsTuning {
    private final HeadRegistry heads;
    private final List<TokenizedDataset> validation;
    private final Workers workers;
    private final TrainingNotes notes;

    SettingsTuning(
            HeadRegistry heads,
            List<TokenizedDataset> validation,
            Workers workers,
            TrainingNotes notes) {
        this.heads = heads;
        this.validation = validation;
        this.workers = workers;
        this.notes = notes;
    }

    /** What is done with the model that has the fitted settings, which was saved after a step. */
    interface Save {
        void save(MultiTaskModel model, Evaluation evaluation, int step);
    }

    /**
     * Fits the settings of the model in a directory, if it has such heads.
     *
     * @param tasks of the model
     */
    void run(Path directory, Device device, Collection<TaskConfig> tasks, Save save) {
        if (tasks.stream().noneMatch(this::tunes)) {
            return; // without loading it
        }
        var fitted = new LinkedHashMap<String, Record>();
        Evaluation before;
        try (var model = ModelFiles.load(directory, heads, device)) {
            for (var dataset : validation) {
                for (var name : dataset.tasks()) {
                    fit(model, dataset, model.task(name))
                            .ifPresent(settings -> fitted.put(name, settings));
                }
            }
            if (fitted.isEmpty()) {
                return;
            }
            before = new Evaluator(model, workers.count()).evaluate(validation);
        }
        try (var model = ModelFiles.load(directory, heads, device, fitted)) {
            var after = new Evaluator(model, workers.count()).evaluate(validation);
            save.save(model, after, ModelFiles.savedAfter(directory).orElse(0));
            for (var name : fitted.keySet()) {
                var score = model.task(name).head().primaryMetric();
                notes.fitted(name, score, score(before, name, score), score(after, name, score));
            }
        }
    }

    private boolean tunes(TaskConfig task) {
        return heads.provider(task.head()) instanceof TunableProvider<?> provider
                && tunes(provider, task.settings());
    }

    private static <P extends Record> boolean tunes(TunableProvider<P> provider, Record settings) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var own = (P) settings;
        return provider.tunes(own);
    }

    private static double score(Evaluation evaluation, String task, String score) {
        return Objects.requireNonNull(evaluation.tasks().get(task)).getOrDefault(score, 0.0);
    }

    private Optional<Record> fit(MultiTaskModel model, TokenizedDataset dataset, Task task) {
        return heads.provider(task.type()) instanceof TunableProvider<?> provider
                ? fit(model, dataset, task, provider)
                : Optional.empty();
    }

    private <P extends Record> Optional<Record> fit(
            MultiTaskModel model,
            TokenizedDataset dataset,
            Task task,
            TunableProvider<P> provider) {
        @SuppressWarnings("unchecked") // Task.create checked that they are of this class
        var settings = (P) task.settings();
        if (!provider.tunes(settings)) {
            return Optional.empty();
        }
        var examples = dataset.examples().stream().map(TokenizedExample::texts).toList();
        var predictions = new ArrayList<Prediction>();
        try (var predictor =
                new Predictor(model, Predictor.Options.of(model).withThreads(workers.count()))) {
            for (Map<String, Prediction> result :
                    predictor.predictTokenized(examples, List.of(task.name()))) {
                predictions.add(Objects.requireNonNull(result.get(task.name())));
            }
        }
        var targets = new ArrayList<Target>();
        dataset.examples()
                .forEach(
                        e ->
                                targets.add(
                                        Objects.requireNonNull(
                                                e.example().targets().get(task.name()))));
        return Optional.of(provider.tune(settings, task.labels(), predictions, targets));
    }
}
