package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.adapter.AdapterFiles;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.kernel.PackedKernels.WeightSource;
import dev.mtl.core.kernel.WordEmbeddingTable;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.SafetensorsSource;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
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
    private final TensorScope owner = TensorScope.shared();
    private final AdapterFiles.@Nullable Stored adapter;

    private BertCheckpoint(
            SafetensorsSource source,
            Map<String, String> names,
            List<ParameterSpec> specs,
            AdapterFiles.@Nullable Stored adapter) {
        this.source = source;
        this.adapter = adapter;
        if (adapter != null) {
            adapter.weights().values().forEach(owner::take);
        }
        this.names = names;
        this.specs =
                specs.stream().collect(Collectors.toMap(ParameterSpec::name, Function.identity()));
    }

    /**
     * Opens what {@link Safetensors#open} can open. An adapter in the folder {@link
     * AdapterFiles#FOLDER} beside the file is added to the weights that are read.
     *
     * @throws MtlException if it cannot be read, or its tensors do not match {@code config}; lists
     *     the differences
     */
    static BertCheckpoint open(Path file, BertConfig config) {
        var adapter = file.resolveSibling(AdapterFiles.FOLDER);
        if (!Files.exists(adapter.resolve(AdapterFiles.CONFIG))) {
            return open(file, config, null);
        }
        try (var _ = TensorScope.open()) {
            return open(file, config, BertWeights.adapter(adapter, config));
        }
    }

    /** The same without an adapter. */
    static BertCheckpoint openPlain(Path file, BertConfig config) {
        return open(file, config, null);
    }

    private static BertCheckpoint open(
            Path file, BertConfig config, AdapterFiles.@Nullable Stored adapter) {
        var source = Safetensors.open(file);
        try {
            return new BertCheckpoint(
                    source,
                    new CheckpointNameMapping(source, config).names(),
                    BertWeights.specs(config),
                    adapter);
        } catch (RuntimeException | Error e) {
            close(source);
            throw e;
        }
    }

    @Override
    public Tensor read(String name) {
        var own = ParameterReader.read(source, nameInFile(name), spec(name));
        return adapter == null ? own : adapter.mergedInto(name, own);
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
        owner.close();
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
