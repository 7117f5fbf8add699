package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.ConfigOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.report.PlanReport;
import dev.mtl.cli.report.TrainingReport;
import dev.mtl.cli.runs.SeedScores;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;
import dev.mtl.train.TrainingResult;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.progress.Outcome;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "train",
        description = "Trains the model of a configuration and writes the best one to output.dir.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl train config/quickstart.yaml",
            "  mtl train config/snips-minilm.yaml --set training.epochs=5 --output runs/snips-5",
            "  mtl train config/quickstart.yaml --set 'training.freezing={policy: backbone}'",
            "  mtl train config/quickstart.yaml --print-config",
            "  mtl train config/quickstart.yaml --plan",
            "  mtl train config/quickstart.yaml --resume",
            "",
            "Prints the scores of each evaluation. Ctrl-C finishes the current step and writes a",
            "checkpoint; --resume continues from the last checkpoint. A second Ctrl-C ends at"
                    + " once,",
            "without saving.",
            "",
            "In several processes, on one machine or several, with the same bits:",
            "  mpirun -n 4 ./mtl train config/quickstart.yaml"
        })
final class TrainCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Mixin private ConfigOptions configuration = new ConfigOptions();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Write to this directory instead of output.dir.")
    private @Nullable String output;

    @Option(
            names = "--print-config",
            description = "Print the configuration with every default; do not train.")
    private boolean printConfig;

    @Option(
            names = "--plan",
            description =
                    "Print parameter groups, learning rates, schedule and unfreezing; do not"
                            + " train.")
    private boolean plan;

    @Option(
            names = "--resume",
            description =
                    "Continue from the last checkpoint, with the same bits as a run that was never"
                            + " interrupted.")
    private boolean resume;

    @Option(
            names = "--overwrite",
            description =
                    "Replace a model that output.dir has already. Without this, output.keep or"
                            + " --resume, such a run is refused.")
    private boolean overwrite;

    @Option(
            names = "--seeds",
            split = ",",
            paramLabel = "N",
            description =
                    "Train once for each of these seeds, such as 1,2,3, into DIR.seed-N, and print"
                            + " the mean and deviation of the scores.")
    private List<Long> seeds = List.of();

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var processes = Collective.open(console.environment());
        try (var interrupt = new Interrupt(processes.size() > 1);
                processes) {
            try {
                // one process speaks for all
                var own = processes.rank() == 0 ? console : console.silent();
                int code = run(own, processes, interrupt);
                return interrupt.asked() ? Interrupt.USR1_CODE : code;
            } catch (RuntimeException | Error e) {
                processes.fail(String.valueOf(e.getMessage()));
                throw e;
            }
        }
    }

    private int run(Console console, Collective processes, Interrupt interrupt) {
        var heads = plugins.heads();
        var sets = new ArrayList<String>();
        if (output != null) {
            sets.add(outputDir(output));
        }
        var config = configuration.training(console, heads, sets);
        if (printConfig) {
            console.text(config.toYaml());
            return 0;
        }
        var progress = new Progress(console);
        var backbone = console.store().resolve(config.backbone(), progress);
        progress.finished();
        var all = seeds.isEmpty() ? config.seeds() : seeds;
        if (plan || all.isEmpty()) {
            try (var training = Training.of(config, backbone)) {
                if (plan) {
                    PlanReport.print(console, training.plan(), common.json());
                } else {
                    train(
                            training.resume(resume).across(processes),
                            console,
                            progress,
                            null,
                            interrupt);
                }
            }
        } else {
            trainEach(all, heads, config, backbone, console, processes, progress, interrupt);
        }
        return 0;
    }

    private static String outputDir(String directory) {
        return "output.dir=\"" + directory.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private void trainEach(
            List<Long> all,
            HeadRegistry heads,
            TrainingConfiguration config,
            ModelDirectory backbone,
            Console console,
            Collective processes,
            Progress progress,
            Interrupt interrupt) {
        var scores = new SeedScores();
        for (long seed : all) {
            var ofSeed =
                    configuration.training(
                            console,
                            heads,
                            List.of(
                                    outputDir(config.output() + ".seed-" + seed),
                                    "training.seed=" + seed,
                                    "training.seeds=[]"));
            try (var training = Training.of(ofSeed, backbone)) {
                // those that had not begun begin now
                training.resume(resume && training.hasCheckpoint());
                var result = train(training.across(processes), console, progress, seed, interrupt);
                if (result.outcome() == Outcome.INTERRUPTED) {
                    return;
                }
                scores.add(seed, result);
            }
        }
        if (common.json()) {
            console.json(scores.toJson());
        } else {
            console.result(scores.toText());
        }
    }

    private TrainingResult train(
            Training training,
            Console console,
            Progress progress,
            @Nullable Long seed,
            Interrupt interrupt) {
        interrupt.during(training::stop, progress::line);
        try {
            var report = new TrainingReport(console, progress, common.json(), seed, interrupt::arm);
            var result = training.listen(report).overwrite(overwrite).run();
            report.end(result, configuration.file());
            return result;
        } finally {
            progress.finished(); // further messages begin on a line of their own
        }
    }
}
