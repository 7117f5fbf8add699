package dev.mtl.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Weights in several safetensors files, as transformers saves large models: {@code
 * model.safetensors.index.json} says which tensor is in which file. All files stay open until this
 * reader is closed.
 */
final class ShardedReader implements SafetensorsSource {
    private final Path index;
    private final Map<String, SafetensorsReader> files = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> fileOf;

    private ShardedReader(Path index, Map<String, String> fileOf) {
        this.index = index;
        this.fileOf = fileOf;
    }

    /**
     * Opens all files, and checks that they have the tensors that the index lists.
     *
     * @throws WeightFileException if a file is missing or damaged, or does not have a tensor that
     *     the index places there
     */
    static ShardedReader open(Path index) {
        var reader = new ShardedReader(index, ShardIndex.read(index));
        try {
            reader.openAll();
            return reader;
        } catch (RuntimeException | Error e) {
            try {
                reader.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private void openAll() {
        fileOf.forEach(
                (name, file) -> {
                    var shard =
                            files.computeIfAbsent(
                                    file, f -> SafetensorsReader.open(index.resolveSibling(f)));
                    tensors.put(name, shard.info(name));
                });
    }

    @Override
    public Path file() {
        return index;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void read(String name, ByteBuffer target) {
        fileOf(name).read(name, target);
    }

    @Override
    public void read(String name, long offset, ByteBuffer target) {
        fileOf(name).read(name, offset, target);
    }

    private SafetensorsReader fileOf(String name) {
        return Objects.requireNonNull(files.get(fileOf.get(info(name).name())));
    }

    @Override
    public void close() throws IOException {
        IOException first = null;
        for (var file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
