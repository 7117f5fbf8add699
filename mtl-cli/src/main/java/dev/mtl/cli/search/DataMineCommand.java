package dev.mtl.cli.search;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.ConfigOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.format.TextLines;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.retrieval.HardNegatives;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;

@Command(
        name = "mine",
        description = {
            "Finds hard negatives: for each anchor of a task's training data, texts that an"
                    + " encoder",
            "takes for near, and that are not its own. The rows are what the head contrastive",
            "learns from: anchor, positive, negative, and label where the data has labels."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl data mine config/pairs.yaml --output mined.csv",
            "  mtl data mine config/pairs.yaml --model runs/pairs --negatives 5 --range 10-50"
                    + " --margin 0.05 --output mined.jsonl"
        })
public final class DataMineCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();
    @Mixin private ConfigOptions configuration = new ConfigOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description = "The task whose training data is mined. Default: the only one.")
    private @Nullable String task;

    @Option(
            names = "--model",
            paramLabel = "NAME_OR_DIR",
            description =
                    "The encoder, such as one that was trained before. Default: the backbone of the"
                            + " configuration.")
    private @Nullable String model;

    @Option(
            names = "--corpus",
            paramLabel = "FILE",
            description =
                    "More texts that may be negatives, one on each line. Default: the texts of the"
                            + " data alone, anchors of pairs not included.")
    private @Nullable Path corpus;

    @Option(
            names = "--negatives",
            defaultValue = "3",
            paramLabel = "N",
            description = "Negatives for each anchor at most. Default: ${DEFAULT-VALUE}.")
    private int negatives;

    @Option(
            names = "--range",
            defaultValue = "1-100",
            paramLabel = "FROM-TO",
            description =
                    "Ranks of the texts that may be negatives; the nearest text that is not the"
                            + " anchor's own has rank 1. Default: ${DEFAULT-VALUE}.")
    private String range = "";

    @Option(
            names = "--margin",
            defaultValue = "0",
            paramLabel = "COSINE",
            description =
                    "A negative's cosine is less than that of the anchor's own text by this at"
                            + " least. Default: ${DEFAULT-VALUE}.")
    private double margin;

    @Option(
            names = "--max-cosine",
            defaultValue = "1",
            paramLabel = "COSINE",
            description = "A negative's cosine is at most this. Default: ${DEFAULT-VALUE}.")
    private double mostSimilar;

    @Option(
            names = "--random",
            description = "Draw the negatives from the range, instead of taking the nearest.")
    private boolean random;

    @Option(
            names = "--seed",
            defaultValue = "42",
            paramLabel = "N",
            description =
                    "Seed of what is drawn: with --random, and the own texts of data that has one"
                            + " text and a label in each row. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--tuples",
            description =
                    "One row for each anchor with exactly N negatives, in columns negative_1 to"
                            + " negative_N; anchors with fewer are left out. Default: a row for"
                            + " each negative.")
    private boolean tuples;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "The file to write; the name ends in .jsonl, .csv or .tsv. Default: JSON lines"
                            + " on stdout.")
    private @Nullable Path output;

    /** The command of a console. */
    public DataMineCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var choice = choice();
        TupleFile.require(output);
        var heads = plugins.heads();
        var config = configuration.load(console, heads);
        var task = task(config);
        var datasets = DatasetReader.read(List.of(task), Split.TRAIN);
        var mining = new HardNegatives(datasets, task.name(), more(), seed);
        if (mining.anchors().isEmpty()) {
            throw new ConfigurationException(
                    "tasks.%s: no label has two texts, so there is no anchor"
                            .formatted(task.name()));
        }
        var progress = new Progress(console);
        var mined = mine(config, mining, choice, progress);
        progress.finished();
        write(mining, mined);
        return 0;
    }

    private HardNegatives.Choice choice() {
        if (!range.matches("[0-9]{1,8}-[0-9]{1,8}")) {
            throw new ConfigurationException("--range " + range + ": takes ranks such as 10-50");
        }
        int dash = range.indexOf('-');
        try {
            return new HardNegatives.Choice(
                    negatives,
                    Integer.parseInt(range.substring(0, dash)),
                    Integer.parseInt(range.substring(dash + 1)),
                    margin,
                    mostSimilar,
                    random,
                    seed);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "--negatives, --range, --margin, --max-cosine: " + e.getMessage(), e);
        }
    }

    private TaskConfig task(RunConfig config) {
        var known =
                config.tasks().values().stream().filter(own -> own.data().train() != null).toList();
        var named = known.stream().filter(own -> own.name().equals(task)).toList();
        var names = String.join(", ", known.stream().map(TaskConfig::name).toList());
        if (task != null && named.isEmpty()) {
            throw new ConfigurationException(
                    "--task " + task + ": no such task with training data; known: " + names);
        }
        if (task == null && known.size() > 1) {
            throw new ConfigurationException(
                    configuration.file()
                            + ": several tasks have training data; choose one with --task: "
                            + names);
        }
        return task == null ? known.getFirst() : named.getFirst();
    }

    private List<String> more() {
        var texts = new ArrayList<String>();
        if (corpus != null) {
            try (var lines = TextLines.open(corpus)) {
                for (var line = lines.next(); line != null; line = lines.next()) {
                    if (!line.text().isBlank()) {
                        texts.add(line.text());
                    }
                }
            }
        }
        return texts;
    }

    private List<List<Integer>> mine(
            RunConfig config,
            HardNegatives mining,
            HardNegatives.Choice choice,
            Progress progress) {
        var files =
                console.store().resolve(model == null ? config.model().encoder() : model, progress);
        progress.finished();
        var options =
                EncoderOptions.defaults()
                        .withDevice(inference.device())
                        .withPrecision(inference.precision());
        float[][] ofAnchors;
        float[][] ofCorpus;
        try (var encoder = SentenceEncoder.load(files, options)) {
            var embedding = new ShownEmbedding(progress);
            ofAnchors =
                    embedding.of(
                            "anchors",
                            mining.anchors().stream().map(HardNegatives.Anchor::text).toList(),
                            encoder::encodeQuery);
            ofCorpus = embedding.of("corpus", mining.corpus(), encoder::encodeDocument);
        }
        int all = mining.anchors().size();
        return mining.mine(
                ofAnchors,
                ofCorpus,
                choice,
                done ->
                        progress.show(
                                "search: %d of %d anchors".formatted(done, all),
                                (double) done / all));
    }

    private void write(HardNegatives mining, List<List<Integer>> mined) {
        var texts = mining.corpus();
        int rows = 0;
        int found = 0;
        try (var file = TupleFile.create(console, output)) {
            for (int i = 0; i < mined.size(); i++) {
                var anchor = mining.anchors().get(i);
                var own = mined.get(i).stream().map(texts::get).toList();
                found += own.isEmpty() ? 0 : 1;
                if (!tuples) {
                    for (var negative : own) {
                        file.write(row(anchor, List.of(negative)));
                        rows++;
                    }
                } else if (own.size() == negatives) {
                    file.write(row(anchor, own));
                    rows++;
                }
            }
            file.complete();
        }
        var summary =
                "%d rows; %d of %d anchors have negatives, among %d texts"
                        .formatted(rows, found, mined.size(), texts.size());
        if (output == null) {
            console.say(summary);
        } else if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("output", output.toString());
            json.put("rows", rows);
            json.put("anchors", mined.size());
            json.put("anchors_with_negatives", found);
            json.put("corpus", texts.size());
            console.json(json);
        } else {
            console.result(output + ": " + summary);
        }
    }

    private SequencedMap<String, String> row(HardNegatives.Anchor anchor, List<String> ofAnchor) {
        var row = new LinkedHashMap<String, String>();
        row.put("anchor", anchor.text());
        row.put("positive", anchor.positive());
        for (int i = 0; i < ofAnchor.size(); i++) {
            row.put(tuples ? "negative_" + (i + 1) : "negative", ofAnchor.get(i));
        }
        if (!anchor.label().isEmpty()) {
            row.put("label", anchor.label());
        }
        return row;
    }
}
