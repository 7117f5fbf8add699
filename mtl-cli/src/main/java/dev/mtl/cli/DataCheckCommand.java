package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.ConfigOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.report.LabelCounts;
import dev.mtl.cli.report.ProblemGroups;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.loading.DataCheck;
import dev.mtl.train.loading.NearTexts;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.List;
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
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Mixin private ConfigOptions configuration = new ConfigOptions();

    @Option(
            names = "--all",
            description = "Print all labels and problems, instead of extremes and groups.")
    private boolean all;

    @Option(
            names = "--near",
            paramLabel = "COSINE",
            arity = "0..1",
            fallbackValue = "0.95",
            description = {
                "Also report texts that are nearly those of another split: the cosine of their",
                "embeddings by the backbone is at least this, ${FALLBACK-VALUE} if none is given."
            })
    private @Nullable Double near;

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
                            tokenizer,
                            near == null
                                    ? null
                                    : new NearTexts(texts -> embed(backbone, texts), near));
        }
        if (common.json()) {
            console.json(json(report));
        } else {
            report.splits().forEach(split -> console.text(text(split, all)));
            var problems = all ? report.problems() : ProblemGroups.of(report.problems());
            problems.forEach(problem -> console.result("problem: " + problem));
            if (report.problems().isEmpty()) {
                console.result("no problems found");
            }
        }
        return report.problems().isEmpty() ? 0 : 1;
    }

    private static float[][] embed(ModelDirectory backbone, List<String> texts) {
        try (var encoder = SentenceEncoder.load(backbone, EncoderOptions.defaults())) {
            return encoder.encode(texts);
        }
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

    private static String text(DataCheck.TaskSplit split, boolean all) {
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
        LabelCounts.lines(split.labels(), all).forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
