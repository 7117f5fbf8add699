package dev.mtl.core.weights;

import java.nio.file.Path;

/** Weights in the safetensors format: one file, or several with an index. */
public final class Safetensors {
    /** The index of a model that is split into several files, as transformers names it. */
    public static final String INDEX_FILE = "model.safetensors.index.json";

    private static final String INDEX = ".safetensors.index.json";

    private Safetensors() {}

    /**
     * Opens a file.
     *
     * @param file a {@code .safetensors}, or a {@code .safetensors.index.json}
     * @throws WeightFileException if it, or a file that it names, is missing or damaged
     */
    public static SafetensorsSource open(Path file) {
        return file.toString().endsWith(INDEX)
                ? ShardedReader.open(file)
                : SafetensorsReader.open(file);
    }
}
