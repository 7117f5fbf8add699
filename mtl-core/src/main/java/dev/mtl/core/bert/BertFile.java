package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.ParameterReader;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** The weight file of a BERT, or its files, with all that a configuration asks for. */
final class BertFile implements AutoCloseable {
    private final TensorSource source;
    private final Map<String, String> names;

    private BertFile(TensorSource source, Map<String, String> names) {
        this.source = source;
        this.names = names;
    }

    /**
     * Opens what {@link Safetensors#open} can open.
     *
     * @throws MtlException if it cannot be read, or its tensors are not those that {@code config}
     *     says; lists them
     */
    static BertFile open(Path file, BertConfig config) {
        var source = Safetensors.open(file);
        try {
            return new BertFile(source, new TensorFit(source, config).names());
        } catch (RuntimeException | Error e) {
            close(source);
            throw e;
        }
    }

    /**
     * Reads a tensor, as FLOAT32 in main memory.
     *
     * @return owned by the innermost scope
     */
    Tensor read(ParameterSpec spec) {
        return ParameterReader.read(source, Objects.requireNonNull(names.get(spec.name())), spec);
    }

    @Override
    public void close() {
        close(source);
    }

    private static void close(TensorSource source) {
        try {
            source.close();
        } catch (IOException e) {
            throw new MtlException(source.file() + ": cannot be closed: " + e.getMessage(), e);
        }
    }
}
