package dev.mtl.cli;

import com.fasterxml.jackson.core.JsonGenerator;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Printing;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.EmbeddingOptions;
import dev.mtl.cli.option.EncoderOption;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.QuantizeOptions;
import dev.mtl.cli.option.TextInput;
import dev.mtl.core.encoder.EmbeddingQuantizer;
import dev.mtl.core.encoder.SentenceEncoder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
            "  mtl embed --model hf:org/name --prompt-name query \"what to search for\"",
            "",
            "Model names: see mtl models list. A model that is not in the cache is downloaded"
                    + " first."
        })
final class EmbedCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private TextInput input = new TextInput();

    @Mixin private EncoderOption model = new EncoderOption();

    @Mixin private EmbeddingOptions embedding = new EmbeddingOptions();
    @Mixin private QuantizeOptions quantize = new QuantizeOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();

    EmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        input.requireTexts();
        quantize.require();
        var options =
                embedding
                        .options()
                        .withDevice(inference.device())
                        .withPrecision(inference.precision());
        var progress = new Progress(console);
        var files = console.store().resolve(model.name(), progress);
        progress.finished();
        try (var encoder = SentenceEncoder.load(files, options);
                var printing = new Printing()) {
            var quantizer = quantize.quantizer(encoder, input, console);
            input.forEachExample(
                    console,
                    examples -> {
                        var texts = examples.stream().flatMap(List::stream).toList();
                        float[][] embeddings = encoder.encode(texts);
                        var chunk = List.copyOf(examples);
                        printing.start(() -> print(chunk, embeddings, quantizer));
                    });
        }
        return 0;
    }

    private void print(
            List<List<String>> examples,
            float[][] embeddings,
            @Nullable EmbeddingQuantizer quantizer) {
        if (common.json()) {
            console.json(
                    json -> {
                        int next = 0;
                        for (var texts : examples) {
                            var own = Arrays.copyOfRange(embeddings, next, next + texts.size());
                            write(json, texts, own, quantizer);
                            next += texts.size();
                        }
                    });
        } else {
            for (var embedding : embeddings) {
                console.result(
                        quantizer == null
                                ? numbers(embedding)
                                : numbers(quantize.values(quantizer.quantize(embedding))));
            }
        }
    }

    private void write(
            JsonGenerator json,
            List<String> texts,
            float[][] embeddings,
            @Nullable EmbeddingQuantizer quantizer)
            throws IOException {
        boolean several = texts.size() > 1;
        json.writeStartObject();
        json.writeFieldName(several ? "texts" : "text");
        if (several) {
            json.writeStartArray();
        }
        for (var text : texts) {
            json.writeString(text);
        }
        if (several) {
            json.writeEndArray();
        }
        json.writeFieldName(several ? "embeddings" : "embedding");
        if (several) {
            json.writeStartArray();
        }
        for (var embedding : embeddings) {
            write(json, embedding, quantizer);
        }
        if (several) {
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void write(
            JsonGenerator json, float[] embedding, @Nullable EmbeddingQuantizer quantizer)
            throws IOException {
        json.writeStartArray();
        if (quantizer == null) {
            for (float value : embedding) {
                json.writeNumber(value);
            }
        } else {
            for (int value : quantize.values(quantizer.quantize(embedding))) {
                json.writeNumber(value);
            }
        }
        json.writeEndArray();
    }

    /** Separated by spaces. */
    private static String numbers(float[] embedding) {
        var text = new StringBuilder(12 * embedding.length);
        for (float value : embedding) {
            text.append(text.isEmpty() ? "" : " ").append(value);
        }
        return text.toString();
    }

    private static String numbers(int[] embedding) {
        return IntStream.of(embedding).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }
}
