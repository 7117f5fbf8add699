package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.kernel.PackedKernels.WeightSource;
import dev.mtl.core.kernel.WordEmbeddingTable;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.SafetensorsSource;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The weight file or files of an encoder, checked against its configuration. */
final class BertCheckpoint implements WeightSource, AutoCloseable {
    private final SafetensorsSource source;
    private final Map<String, String> names;
    private final Map<String, ParameterSpec> specs;

    private BertCheckpoint(
            SafetensorsSource source, Map<String, String> names, List<ParameterSpec> specs) {
        this.source = source;
        this.names = names;
        this.specs =
                specs.stream().collect(Collectors.toMap(ParameterSpec::name, Function.identity()));
    }

    /**
     * Opens what {@link Safetensors#open} can open.
     *
     * @throws MtlException if it cannot be read, or its tensors do not match {@code config}; lists
     *     the differences
     */
    static BertCheckpoint open(Path file, BertConfig config) {
        var source = Safetensors.open(file);
        try {
            return new BertCheckpoint(
                    source,
                    new CheckpointNameMapping(source, config).names(),
                    BertWeights.specs(config));
        } catch (RuntimeException | Error e) {
            close(source);
            throw e;
        }
    }

    @Override
    public Tensor read(String name) {
        return ParameterReader.read(source, nameInFile(name), spec(name));
    }

    private String nameInFile(String name) {
        return Objects.requireNonNull(names.get(name), name);
    }

    private ParameterSpec spec(String name) {
        return Objects.requireNonNull(specs.get(name), name);
    }

    /** Empty if the table in the file is not FLOAT32. */
    @Override
    public Optional<WordEmbeddingTable> rows(String name) {
        if (source.info(nameInFile(name)).dtype() != DType.FLOAT32) {
            return Optional.empty();
        }
        var shape = spec(name).shape();
        return Optional.of(
                new WordEmbeddingTable(
                        source,
                        nameInFile(name),
                        Math.toIntExact(shape[0]),
                        Math.toIntExact(shape[1])));
    }

    @Override
    public void close() {
        close(source);
    }

    private static void close(SafetensorsSource source) {
        try {
            source.close();
        } catch (IOException e) {
            throw new MtlException(source.file() + ": cannot be closed: " + Reasons.of(e), e);
        }
    }
}
