package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.ConfigOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.loading.DataCheck;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "check",
        description =
                "Reads all data of a configuration and reports rows, labels, lengths and problems."
                        + " The exit code is 1 if there are problems.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  mtl data check config/quickstart.yaml"})
final class DataCheckCommand implements Callable<Integer> {
    /** Text output lists at most this many labels per split. */
    private static final int MOST_LABELS = 100;

    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Mixin private ConfigOptions configuration = new ConfigOptions();

    DataCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var heads = plugins.heads();
        var config = configuration.load(console, heads);
        var progress = new Progress(console);
        var backbone = console.store().resolve(config.model().encoder(), progress);
        progress.finished();
        DataCheck.Report report;
        int maxLength = config.model().maxLength();
        var prompt = ModelFiles.prompt(backbone.path(), config.model().prompt());
        try (var tokenizer = TextTokenizer.load(backbone.tokenizerJson(), maxLength, prompt)) {
            report =
                    DataCheck.check(
                            config.tasks().values(),
                            heads,
                            BertConfig.read(backbone.config()).hiddenSize(),
                            tokenizer);
        }
        if (common.json()) {
            console.json(json(report));
        } else {
            report.splits().forEach(split -> console.text(text(split)));
            report.problems().forEach(problem -> console.result("problem: " + problem));
            if (report.problems().isEmpty()) {
                console.result("no problems found");
            }
        }
        return report.problems().isEmpty() ? 0 : 1;
    }

    private static Map<String, Object> json(DataCheck.Report report) {
        var json = new LinkedHashMap<String, Object>();
        json.put("splits", report.splits().stream().map(DataCheckCommand::json).toList());
        json.put("problems", report.problems());
        return json;
    }

    private static Map<String, Object> json(DataCheck.TaskSplit split) {
        var json = new LinkedHashMap<String, Object>();
        json.put("task", split.task());
        json.put("split", name(split));
        json.put("source", split.source());
        json.put("rows", split.rows());
        json.put("labels", split.labels());
        json.put("lengths", split.lengths());
        json.put("cut", split.cut());
        json.put("duplicates", split.duplicates());
        return json;
    }

    private static String name(DataCheck.TaskSplit split) {
        return split.split().name().toLowerCase(Locale.ROOT);
    }

    private static String text(DataCheck.TaskSplit split) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s, %s: %d rows of %s; %d truncated, %d duplicates%n",
                        split.task(),
                        name(split),
                        split.rows(),
                        split.source(),
                        split.cut(),
                        split.duplicates()));
        int from = 1;
        for (var range : split.lengths().entrySet()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %4d to %4d tokens %7d %s%n",
                            from,
                            range.getKey(),
                            range.getValue(),
                            "#".repeat((int) Math.ceil(40.0 * range.getValue() / split.rows()))));
            from = range.getKey() + 1;
        }
        int named = 0;
        for (var label : split.labels().entrySet()) {
            if (named++ == MOST_LABELS) {
                text.append("  and ").append(split.labels().size() - MOST_LABELS).append(" more\n");
                break;
            }
            text.append(String.format(Locale.ROOT, "  %7d %s%n", label.getValue(), label.getKey()));
        }
        return text.toString();
    }
}
