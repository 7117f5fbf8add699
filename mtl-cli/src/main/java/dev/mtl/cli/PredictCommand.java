package dev.mtl.cli;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.SplitText;
import dev.mtl.core.model.Predictor;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;

@Command(
        name = "predict",
        description =
                "Prints what every head of a trained model says of each text, in input order.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl predict --model runs/quickstart \"book the blue room for monday\"",
            "  mtl predict --model runs/quickstart --format json --input texts.txt >"
                    + " predictions.jsonl",
            "",
            "start and end of an entity are UTF-16 offsets: text.substring(start, end) is the"
                    + " entity."
        })
final class PredictCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private Plugins plugins = new Plugins();
    @Mixin private TextInput input = new TextInput();

    PredictCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        input.requireTexts();
        try (var loaded = model.load(plugins.heads());
                var workers = ModelOptions.workersFor(loaded)) {
            var predictor = new Predictor(loaded, workers);
            input.forEachChunk(
                    console,
                    texts ->
                            print(
                                    texts,
                                    predictor.predict(texts.stream().map(SplitText::of).toList())));
        }
        return 0;
    }

    private void print(List<String> texts, List<SequencedMap<String, Prediction>> predictions) {
        for (int i = 0; i < texts.size(); i++) {
            if (common.json()) {
                var tasks = new LinkedHashMap<String, Object>();
                predictions.get(i).forEach((task, said) -> tasks.put(task, said.toJson()));
                var json = new LinkedHashMap<String, Object>();
                json.put("text", texts.get(i));
                json.put("tasks", tasks);
                console.json(json);
            } else {
                console.result(texts.get(i));
                predictions
                        .get(i)
                        .forEach(
                                (task, said) -> console.result("  " + task + ": " + said.toText()));
            }
        }
    }
}
