package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.option.TextInput;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Predictor;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.PreTokenizedText;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

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

    PredictCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        input.requireTexts();
        try (var loaded = model.loadForInference(plugins.heads(), inference);
                var workers = ModelOptions.workersFor(loaded)) {
            var predictor = new Predictor(loaded, workers);
            var tasks = tasks(loaded);
            input.forEachExample(
                    console,
                    examples ->
                            print(
                                    examples,
                                    predictor.predict(
                                            examples.stream().map(PredictCommand::split).toList(),
                                            tasks)));
        }
        return 0;
    }

    private static List<PreTokenizedText> split(List<String> texts) {
        return texts.stream().map(PreTokenizedText::of).toList();
    }

    /** The tasks whose heads take as many texts as each example of the input has. */
    private List<String> tasks(MultiTaskModel loaded) {
        int texts = input.textsPerExample();
        var tasks =
                loaded.tasks().values().stream()
                        .filter(task -> task.head().textArity().allows(texts))
                        .map(Task::name)
                        .toList();
        if (tasks.isEmpty()) {
            throw new ConfigurationException(
                    "no task of this model takes "
                            + TextArity.exactly(texts)
                            + " ("
                            + loaded.tasks().values().stream()
                                    .map(task -> task.name() + ": " + task.head().textArity())
                                    .collect(Collectors.joining(", "))
                            + "): give JSON lines with --input FILE.jsonl, and name as many fields"
                            + " as a task takes, such as --text-field FIRST,SECOND");
        }
        return tasks;
    }

    private void print(
            List<List<String>> examples, List<SequencedMap<String, Prediction>> predictions) {
        for (int i = 0; i < examples.size(); i++) {
            var texts = examples.get(i);
            if (common.json()) {
                var tasks = new LinkedHashMap<String, Object>();
                predictions
                        .get(i)
                        .forEach((task, prediction) -> tasks.put(task, prediction.toJson()));
                var json = new LinkedHashMap<String, Object>();
                json.put(
                        texts.size() > 1 ? "texts" : "text",
                        texts.size() > 1 ? texts : texts.getFirst());
                json.put("tasks", tasks);
                console.json(json);
            } else {
                console.result(String.join(" | ", texts));
                predictions
                        .get(i)
                        .forEach(
                                (task, prediction) ->
                                        console.result("  " + task + ": " + prediction.toText()));
            }
        }
    }
}
