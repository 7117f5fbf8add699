package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceListener;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Devices;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.loading.SkippedRows;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.run.Evaluator;
import dev.mtl.train.run.ScoredData;
import dev.mtl.train.sampling.TruncationNotes;
import dev.mtl.train.teacher.Teachers;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Predicts the data of a configuration by models.
 *
 * @param config the configuration that names the data
 * @param overrides of its keys
 */
record EvaluatedModel(
        Console console,
        Progress progress,
        HeadRegistry heads,
        InferenceOptions inference,
        Path config,
        List<String> overrides,
        Split split) {
    /**
     * Predicts the data of the tasks that a model has.
     *
     * @param only these tasks; empty for all that the configuration has
     * @param skipped is told of rows that are left out
     */
    ScoredData predict(Path directory, List<String> only, SkippedRows skipped) {
        try (var model =
                ModelFiles.loadForInference(
                        directory, heads, inference.device(), inference.precision())) {
            var run = ConfigLoader.load(config, console.environment(), overrides, heads);
            var tasks = tasks(directory, model, run, only);
            var rows = DatasetReader.read(tasks, split, skipped);
            var teachers =
                    Teachers.of(
                            tasks,
                            heads,
                            rows,
                            List.of(),
                            new Teachers.Setup(
                                    name -> console.store().resolve(name, progress),
                                    EncoderOptions.defaults().withDevice(inference.device()),
                                    run.output().run(),
                                    Collective.alone(),
                                    console::say));
            var datasets = new DatasetEncoder(model, tasks, skipped).encode(teachers.teach(rows));
            if (datasets.isEmpty()) {
                var name = split.name().toLowerCase(Locale.ROOT);
                throw new ConfigurationException(
                        "%1$s: no task of this model has %2$s data; name some, for instance with"
                                        .formatted(config, name)
                                + " --set tasks.NAME.data.%s=PATH".formatted(name));
            }
            TruncationNotes.inEvaluation(model, datasets).forEach(console::say);
            return predict(model, datasets);
        }
    }

    private List<TaskConfig> tasks(
            Path directory, MultiTaskModel model, RunConfig run, List<String> only) {
        var wanted =
                run.tasks().values().stream()
                        .filter(task -> only.isEmpty() || only.contains(task.name()))
                        .toList();
        for (var task : wanted) {
            if (!model.tasks().containsKey(task.name())) {
                console.say(
                        "%s: tasks.%s is skipped: %s has no such task, only %s"
                                .formatted(config, task.name(), directory, model.tasks().keySet()));
            }
        }
        return wanted.stream().filter(task -> model.tasks().containsKey(task.name())).toList();
    }

    private ScoredData predict(MultiTaskModel model, List<TokenizedDataset> datasets) {
        int all = datasets.stream().mapToInt(dataset -> dataset.examples().size()).sum();
        var done = new AtomicInteger();
        var listener =
                new InferenceListener() {
                    @Override
                    public void onBatch(int rows, int tokens) {
                        // a long text is also read in windows, which is a row of its own
                        int now = Math.min(all, done.addAndGet(rows));
                        progress.show("%d of %d texts".formatted(now, all), (double) now / all);
                    }
                };
        return new Evaluator(model, Devices.workers(model.device(), null))
                .predict(datasets, listener);
    }
}
