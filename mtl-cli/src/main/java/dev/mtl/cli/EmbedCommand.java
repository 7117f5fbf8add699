package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.TextInput;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

@Command(
        name = "embed",
        description = "Prints the sentence embedding of each text, in input order.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl embed --model all-MiniLM-L6-v2 \"a sentence\" \"another one\"",
            "  mtl embed --model bert-base-uncased --format json \"This is a test sentence.\"",
            "  mtl embed --model all-MiniLM-L6-v2 --normalize l2 --input texts.txt --format json >"
                    + " embeddings.jsonl",
            "",
            "Model names: see mtl models list. A model that is not in the cache is downloaded"
                    + " first."
        })
final class EmbedCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private TextInput input = new TextInput();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME_OR_DIR",
            description =
                    "A name of mtl models list, a directory, hf:org/name[@revision] or"
                            + " maven:group:artifact:version[:classifier].")
    private String model = "";

    @Option(
            names = "--pooling",
            paramLabel = "mean|cls|max",
            description =
                    "How the token embeddings become one vector. Default: as the model's"
                            + " modules.json says, else mean.")
    private @Nullable Pooling pooling;

    @Option(
            names = "--normalize",
            paramLabel = "none|l2|layer_norm",
            description =
                    "Normalization after pooling. Default: as the model's modules.json says, else"
                            + " none.")
    private @Nullable Normalization normalization;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description =
                    "Truncate texts to N tokens, [CLS] and [SEP] included. Default: as many as the"
                            + " model can read.")
    private @Nullable Integer maxLength;

    @Mixin private InferenceOptions inference = new InferenceOptions();

    EmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        input.requireTexts();
        input.requireOneTextEach();
        if (maxLength != null && maxLength < 3) {
            throw new ConfigurationException(
                    "--max-length " + maxLength + ": at least 3: [CLS], one token, [SEP]");
        }
        var options =
                EncoderOptions.defaults()
                        .withPooling(pooling)
                        .withNormalization(normalization)
                        .withMaxLength(maxLength)
                        .withDevice(inference.device())
                        .withPrecision(inference.precision());
        var progress = new Progress(console);
        var files = console.store().resolve(model, progress);
        progress.finished();
        try (var encoder = SentenceEncoder.load(files, options)) {
            input.forEachChunk(console, texts -> print(texts, encoder.encode(texts)));
        }
        return 0;
    }

    private void print(List<String> texts, float[][] embeddings) {
        for (int i = 0; i < embeddings.length; i++) {
            if (common.json()) {
                var json = new LinkedHashMap<String, Object>();
                json.put("text", texts.get(i));
                json.put("embedding", embeddings[i]);
                console.json(json);
            } else {
                var row = embeddings[i];
                console.result(
                        String.join(
                                " ",
                                IntStream.range(0, row.length)
                                        .mapToObj(j -> Float.toString(row[j]))
                                        .toList()));
            }
        }
    }
}
