package dev.mtl.cli.option;

import dev.mtl.cli.console.Console;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EmbeddingQuantizer;
import dev.mtl.core.encoder.EmbeddingQuantizer.Format;
import dev.mtl.core.encoder.EmbeddingQuantizer.Ranges;
import dev.mtl.core.encoder.SentenceEncoder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/** Embeddings in bytes or bits. */
public final class QuantizeOptions {
    @Option(
            names = "--quantize",
            paramLabel = "int8|uint8|binary|ubinary",
            description =
                    "Print integers: a byte for each dimension (int8, uint8), or for eight"
                            + " dimensions, a bit each (binary, ubinary). Default: floating-point"
                            + " numbers.")
    private @Nullable Format format;

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description =
                    "For int8 and uint8: texts like those to come, one per line, 100 or more. The"
                            + " 255 steps of each dimension span what their embeddings have.")
    private @Nullable Path calibration;

    /** Rejects options that do not go together, before anything is loaded. */
    public void require() {
        if (calibration == null) {
            if (format != null && format.needsRanges()) {
                throw new ConfigurationException(
                        "--quantize %s: give --calibration FILE, texts to take the range of each dimension from"
                                .formatted(format.name().toLowerCase(Locale.ROOT)));
            }
            return;
        }
        if (format == null || !format.needsRanges()) {
            throw new ConfigurationException(
                    "--calibration is for --quantize int8 and --quantize uint8");
        }
        if (!Files.isRegularFile(calibration)) {
            throw new ConfigurationException("--calibration " + calibration + ": no such file");
        }
    }

    /** The quantizer that was asked for, calibrated if need be; null if none was. */
    public @Nullable EmbeddingQuantizer quantizer(
            SentenceEncoder encoder, TextInput input, Console console) {
        if (format == null) {
            return null;
        }
        return calibration == null
                ? EmbeddingQuantizer.of(format)
                : EmbeddingQuantizer.of(format, ranges(calibration, encoder, input, console));
    }

    private static Ranges ranges(
            Path file, SentenceEncoder encoder, TextInput input, Console console) {
        var ranges = new ArrayList<Ranges>();
        input.forEachChunk(file, console, texts -> ranges.add(Ranges.of(encoder.encode(texts))));
        return ranges.stream()
                .reduce(Ranges::and)
                .orElseThrow(
                        () ->
                                new ConfigurationException(
                                        "--calibration " + file + ": has no texts"));
    }

    /** The numbers that bytes stand for. */
    public int[] values(byte[] quantized) {
        var known = Objects.requireNonNull(format);
        return IntStream.range(0, quantized.length).map(i -> known.value(quantized[i])).toArray();
    }
}
