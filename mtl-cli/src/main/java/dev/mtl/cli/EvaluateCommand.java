package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.option.ResultFiles;
import dev.mtl.cli.report.EvaluationReport;
import dev.mtl.cli.report.EvaluationText;
import dev.mtl.core.ConfigurationException;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.loading.SkippedRows;
import dev.mtl.train.run.Bootstrap;
import dev.mtl.train.run.ScoredData;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

@Command(
        name = "evaluate",
        description = "Scores a trained model on labelled data.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl evaluate --model runs/quickstart",
            "  mtl evaluate --model runs/quickstart --split test --format json",
            "  mtl evaluate --model runs/new --against runs/old --confidence 0.95",
            "  mtl evaluate --model runs/quickstart --errors errors.jsonl",
            "  mtl evaluate --model runs/snips --set tasks.intent.data.test=my/test --set"
                    + " tasks.slots.data.test=my/test --split test"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Option(
            names = "--config",
            paramLabel = "CONFIG.yaml",
            description =
                    "Configuration that names the data. Default: the one the model was trained"
                            + " with, which is kept in its directory.")
    private @Nullable Path config;

    @Option(
            names = "--split",
            defaultValue = "validation",
            paramLabel = "train|validation|test",
            description = "Part of the data to score on. Default: ${DEFAULT-VALUE}.")
    private Split split = Split.VALIDATION;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "Override a key of the configuration, such as tasks.NAME.data.test=FILE."
                            + " Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Mixin private ResultFiles files = new ResultFiles();

    @Option(
            names = "--confidence",
            paramLabel = "LEVEL",
            description =
                    "Print confidence intervals of this level, such as 0.95, by the bootstrap.")
    private @Nullable Double confidence;

    @Option(
            names = "--against",
            paramLabel = "DIR",
            description =
                    "Compare with another trained model on the same rows, by a paired bootstrap"
                            + " test.")
    private @Nullable Path against;

    @Option(
            names = "--resamples",
            defaultValue = "1000",
            paramLabel = "N",
            description =
                    "Samples of the bootstrap for --confidence and --against. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int resamples;

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var heads = plugins.heads();
        files.require();
        var bootstrap = new Bootstrap(resamples, confidence == null ? 0.95 : confidence);
        if (against != null) {
            ModelOptions.requireDirectory("--against", against);
        }
        var file = config == null ? model.directory().resolve(RunConfig.FILE) : config;
        if (config == null && Files.isDirectory(model.directory()) && !Files.exists(file)) {
            throw new ConfigurationException(
                    "--model "
                            + model.directory()
                            + ": has no config.yaml; name a configuration with --config");
        }
        var progress = new Progress(console);
        try {
            var skipped = new SkippedRows();
            var data =
                    new EvaluatedModel(console, progress, heads, inference, file, overrides, split);
            var scored = data.predict(model.requireDirectory(), List.of(), skipped);
            var evaluation = scored.evaluation();
            files.write(scored);
            var report =
                    new EvaluationReport(
                            evaluation,
                            skipped.count(),
                            bootstrap,
                            confidence == null
                                    ? null
                                    : bootstrap.intervals(
                                            scored, done -> show(progress, "interval", done)),
                            against == null ? null : compare(data, bootstrap, scored, progress));
            progress.finished();
            if (common.json()) {
                console.json(report.toJson());
            } else {
                EvaluationText.lines(report).forEach(console::result);
            }
        } finally {
            progress.finished();
        }
        return 0;
    }

    private Bootstrap.ByScore<Bootstrap.Difference> compare(
            EvaluatedModel data, Bootstrap bootstrap, ScoredData scored, Progress progress) {
        var other =
                data.predict(Objects.requireNonNull(against), scored.tasks(), new SkippedRows());
        return bootstrap.differences(
                scored.ofTasks(other.tasks()), other, done -> show(progress, "comparison", done));
    }

    private void show(Progress progress, String what, int done) {
        progress.show(
                "%s: %d of %d samples".formatted(what, done, resamples), (double) done / resamples);
    }
}
