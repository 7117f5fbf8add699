package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.ParameterReader;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.SafetensorsSource;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The weight file of a BERT, or its files, with all that a configuration asks for. */
final class BertCheckpoint implements AutoCloseable {
    private final SafetensorsSource source;
    private final Map<String, String> names;

    private BertCheckpoint(SafetensorsSource source, Map<String, String> names) {
        this.source = source;
        this.names = names;
    }

    /**
     * Opens what {@link Safetensors#open} can open.
     *
     * @throws MtlException if it cannot be read, or its tensors are not those that {@code config}
     *     says; lists them
     */
    static BertCheckpoint open(Path file, BertConfig config) {
        var source = Safetensors.open(file);
        try {
            return new BertCheckpoint(source, new CheckpointNameMapping(source, config).names());
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

    /**
     * The table of word embeddings, left in the file, which must stay open meanwhile.
     *
     * @return empty if its numbers are not FLOAT32
     */
    Optional<WordEmbeddingTable> words(BertConfig config) {
        var name = Objects.requireNonNull(names.get(WordEmbeddingTable.WEIGHT));
        return source.info(name).dtype() == DType.FLOAT32
                ? Optional.of(
                        new WordEmbeddingTable(
                                source, name, config.vocabSize(), config.hiddenSize()))
                : Optional.empty();
    }

    @Override
    public void close() {
        close(source);
    }

    private static void close(SafetensorsSource source) {
        try {
            source.close();
        } catch (IOException e) {
            throw new MtlException(source.file() + ": cannot be closed: " + e.getMessage(), e);
        }
    }
}
