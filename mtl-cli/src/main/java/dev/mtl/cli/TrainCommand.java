package dev.mtl.cli;

import dev.mtl.train.TrainingRun;
import dev.mtl.train.config.ConfigPrinter;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
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
            "Prints one object for each evaluation. Ctrl-C finishes the step and writes a",
            "checkpoint; --resume goes on from there, or from the last one that was written.",
            "Ctrl-C once more ends at once."
        })
final class TrainCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Mixin private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--output", paramLabel = "DIR", description = "Instead of output.dir.")
    private @Nullable String output;

    @Option(
            names = "--print-config",
            description = "Print the whole configuration with every default, and train nothing.")
    private boolean printConfig;

    @Option(
            names = "--plan",
            description =
                    "Print the parameter groups, the schedule and what is unfrozen when, and train"
                            + " nothing.")
    private boolean plan;

    @Option(
            names = "--resume",
            description = "Go on from the last checkpoint, as if training had never stopped.")
    private boolean resume;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var heads = plugins.heads();
        var sets = new ArrayList<String>();
        if (output != null) {
            sets.add("output.dir=\"" + output.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        var config = configuration.load(console, heads, sets);
        if (printConfig) {
            console.out().text(ConfigPrinter.print(config));
            return 0;
        }
        var progress = new Progress(console);
        var backbone = console.store().resolve(config.model().backbone(), progress);
        progress.finished();
        var run = new TrainingRun(config, heads, backbone);
        if (plan) {
            PlanReport.print(console, run.plan(), common.json());
            return 0;
        }
        try (var interrupt = new Interrupt(resume, progress::line)) {
            var report = new TrainingReport(console, progress, common.json(), interrupt::arm);
            var result = run.run(report, interrupt);
            report.end(result, configuration.file);
        } finally {
            progress.finished(); // whatever is said next begins a line
        }
        return 0;
    }
}
