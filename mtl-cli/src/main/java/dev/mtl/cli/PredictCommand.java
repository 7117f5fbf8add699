package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.option.TextInput;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "predict",
        description =
                "Prints the predictions of every task of a trained model for each text, in input"
                        + " order.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl predict --model runs/quickstart \"book the blue room for monday\"",
            "  mtl predict --model runs/quickstart --format json --input texts.txt >"
                    + " predictions.jsonl",
            "",
            "Tasks that compare texts take them from several fields of JSON lines:",
            "  mtl predict --model runs/pairs --input pairs.jsonl --text-field first,second",
            "",
            "start and end of an entity are UTF-16 offsets: text.substring(start, end) is the"
                    + " entity."
        })
final class PredictCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();
    @Mixin private Plugins plugins = new Plugins();
    @Mixin private TextInput input = new TextInput();

    @Option(
            names = "--tasks",
            paramLabel = "NAME",
            split = ",",
            description = "Predict by these tasks only: --tasks intent,slots. Default: all.")
    private List<String> tasks = new ArrayList<>();

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description =
                    "Print the N best labels of tasks that choose among labels, too; needs --format"
                            + " json.")
    private @Nullable Integer topK;

    @Option(
            names = "--embedding",
            description = "Print the sentence embedding of each text, too; needs --format json.")
    private boolean embedding;

    PredictCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        input.requireTexts();
        if ((embedding || topK != null) && !common.json()) {
            throw new ConfigurationException(
                    (embedding ? "--embedding" : "--top-k") + " needs --format json");
        }
        if (topK != null && topK < 1) {
            throw new ConfigurationException("--top-k " + topK + ": a positive integer");
        }
        var options =
                PipelineOptions.defaults()
                        .withHeads(plugins.heads())
                        .withDevice(inference.device().toString())
                        .withPrecision(inference.precision())
                        .withTasks(tasks);
        try (var pipeline = Pipeline.load(model.requireDirectory(), options)) {
            requireTasks(pipeline);
            input.forEachExample(
                    console, examples -> pipeline.analyzeExamples(examples).forEach(this::print));
        }
        return 0;
    }

    private Map<String, Object> toJson(Prediction prediction) {
        return topK == null ? prediction.toJson() : prediction.toJson(topK);
    }

    private void requireTasks(Pipeline pipeline) {
        try {
            pipeline.tasksOf(input.textsPerExample());
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    e.getMessage()
                            + ": give JSON lines with --input FILE.jsonl, and name as many fields"
                            + " as a task takes, such as --text-field FIRST,SECOND",
                    e);
        }
    }

    private void print(Analysis analysis) {
        if (common.json()) {
            var byTask = new LinkedHashMap<String, Object>();
            analysis.predictions()
                    .forEach((task, prediction) -> byTask.put(task, toJson(prediction)));
            var json = new LinkedHashMap<String, Object>();
            boolean several = analysis.texts().size() > 1;
            json.put(several ? "texts" : "text", several ? analysis.texts() : analysis.text());
            json.put("tasks", byTask);
            if (embedding) {
                var embeddings = analysis.embeddings();
                json.put(
                        embeddings.size() > 1 ? "embeddings" : "embedding",
                        embeddings.size() > 1 ? embeddings : embeddings.getFirst());
            }
            console.json(json);
        } else {
            console.result(String.join(" | ", analysis.texts()));
            analysis.predictions()
                    .forEach(
                            (task, prediction) ->
                                    console.result("  " + task + ": " + prediction.toText()));
        }
    }
}
