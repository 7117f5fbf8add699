package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.option.PredictionOutput;
import dev.mtl.cli.option.TextInput;
import dev.mtl.cli.predictions.PredictedRow;
import dev.mtl.cli.predictions.PredictionFile;
import dev.mtl.cli.rows.InputFormat;
import dev.mtl.cli.rows.InputRows;
import dev.mtl.cli.rows.InputRows.InputRow;
import dev.mtl.cli.rows.ModelTasks;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.format.JsonLine;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

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
            "Data sets, with their columns and gold labels beside the predictions:",
            "  mtl predict --model runs/quickstart --input test.csv --output predictions.csv",
            "",
            "Tasks that compare texts take them from several fields of JSON lines:",
            "  mtl predict --model runs/pairs --input pairs.jsonl --text-field first,second",
            "",
            "start and end of an entity are UTF-16 offsets: text.substring(start, end) is the"
                    + " entity."
        })
final class PredictCommand implements Callable<Integer> {
    /** Rows that are predicted at once. */
    private static final int CHUNK = 256;

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

    @Option(
            names = "--input-format",
            paramLabel = "FORMAT",
            description =
                    "How the input is read: text (a text a line), csv, tsv, jsonl, conll, parquet,"
                            + " jointbert, squad or a format of a plug-in. Default: what its ending"
                            + " says, jointbert for a folder.")
    private @Nullable String inputFormat;

    @Mixin private PredictionOutput output = new PredictionOutput();

    PredictCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var heads = plugins.heads();
        var format = format(heads);
        input.requireTexts(!format.isText());
        requireOptions();
        var data = data(format, heads);
        var options =
                PipelineOptions.defaults()
                        .withHeads(heads)
                        .withDevice(inference.device().toString())
                        .withPrecision(inference.precision())
                        .withTasks(tasks);
        try (var pipeline = Pipeline.load(model.requireDirectory(), options);
                var file = output.create(topK)) {
            requireTasks(pipeline, data == null ? input.textsPerExample() : data.texts());
            if (data == null) {
                input.forEachExample(
                        console,
                        examples ->
                                pipeline.analyzeExamples(examples)
                                        .forEach(analysis -> show(analysis, null, file)));
            } else {
                predict(pipeline, data, file);
            }
            output.complete(console, file);
        }
        return 0;
    }

    private InputFormat format(HeadRegistry heads) {
        var file = input.file();
        if (inputFormat == null) {
            return file == null ? InputFormat.TEXT : InputFormat.of(file);
        }
        if (file == null) {
            throw new ConfigurationException(
                    "--input-format %s: name the file with --input FILE".formatted(inputFormat));
        }
        return InputFormat.named(inputFormat, heads);
    }

    private void requireOptions() {
        output.require(input.file());
        var json = output.isNamed() ? "--output FILE.jsonl" : "--format json";
        if ((embedding || topK != null) && !(output.isNamed() ? output.isJson() : common.json())) {
            throw new ConfigurationException(
                    (embedding ? "--embedding" : "--top-k") + " needs " + json);
        }
        if (topK != null && topK < 1) {
            throw new ConfigurationException("--top-k " + topK + ": a positive integer");
        }
    }

    /** The rows of the input; null if it is texts, a line each. */
    private @Nullable InputRows data(InputFormat format, HeadRegistry heads) {
        var file = input.file();
        if (file == null || format.isText()) {
            return null;
        }
        var learned = new ModelTasks(model.requireDirectory(), tasks).of(format, console, heads);
        boolean lines = format.isJsonLines() && inputFormat == null && !output.isNamed();
        if (lines && (learned.isEmpty() || !input.textFields().isEmpty() || beginsWithText(file))) {
            // of any size: they are not read as a whole
            return null;
        }
        if (input.hasArguments()) {
            throw new ConfigurationException(
                    "texts as arguments, and a data set with --input " + file + ": give one");
        }
        var progress = new Progress(console);
        try {
            var data =
                    InputRows.open(
                            file,
                            format,
                            learned,
                            input.textFields(),
                            input.onBadRow(),
                            mistake -> progress.line("skipped: " + mistake));
            if (data.skipped() > 0) {
                progress.line(
                        "%s: %d of %d rows skipped"
                                .formatted(file, data.skipped(), data.skipped() + data.size()));
            }
            return data;
        } finally {
            progress.finished();
        }
    }

    /** Whether the first object of a file has the field that JSON lines are read by. */
    private static boolean beginsWithText(Path file) {
        if (!Files.isRegularFile(file)) {
            return true;
        }
        try (var reader = Files.newBufferedReader(file)) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!JsonLine.isBlank(line)) {
                    return JsonLine.parse(line).has("text");
                }
            }
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return true; // what is wrong is said when the lines are read
        }
    }

    private void predict(Pipeline pipeline, InputRows data, @Nullable PredictionFile file) {
        var progress = new Progress(console);
        try {
            for (int from = 0; from < data.size(); from += CHUNK) {
                int to = Math.min(data.size(), from + CHUNK);
                var rows = IntStream.range(from, to).mapToObj(data::row).toList();
                var answers = pipeline.analyzeWords(rows.stream().map(InputRow::texts).toList());
                for (int i = 0; i < rows.size(); i++) {
                    show(answers.get(i), rows.get(i), file);
                }
                progress.show(
                        "%d of %d texts".formatted(to, data.size()), (double) to / data.size());
            }
        } finally {
            progress.finished();
        }
    }

    private void show(Analysis analysis, @Nullable InputRow row, @Nullable PredictionFile file) {
        if (file == null) {
            print(analysis);
            return;
        }
        file.write(
                new PredictedRow(
                        row == null ? new LinkedHashMap<String, @Nullable Object>() : row.columns(),
                        row == null
                                ? analysis.texts().stream().map(PreTokenizedText::of).toList()
                                : row.texts(),
                        analysis.predictions(),
                        row == null ? Map.of() : row.gold(),
                        Map.of(),
                        embeddings(analysis)));
    }

    private Map<String, Object> toJson(Prediction prediction) {
        return topK == null ? prediction.toJson() : prediction.toJson(topK);
    }

    private void requireTasks(Pipeline pipeline, int texts) {
        try {
            pipeline.tasksOf(texts);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    e.getMessage()
                            + ": give JSON lines with --input FILE.jsonl, and name as many fields"
                            + " as a task takes, such as --text-field FIRST,SECOND",
                    e);
        }
    }

    private Map<String, Object> embeddings(Analysis analysis) {
        if (!embedding) {
            return Map.of();
        }
        var embeddings = analysis.embeddings();
        return embeddings.size() > 1
                ? Map.of("embeddings", embeddings)
                : Map.of("embedding", embeddings.getFirst());
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
            json.putAll(embeddings(analysis));
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
