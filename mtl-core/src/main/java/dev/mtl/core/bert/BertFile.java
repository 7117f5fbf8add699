package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.ParameterReader;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@code model.safetensors} of a BERT. Names may begin with {@code bert.}, as in checkpoints with
 * a head, and LayerNorms may have the older names gamma and beta.
 */
final class BertFile implements AutoCloseable {
    private final Path file;
    private final SafetensorsReader reader;
    private final Map<String, String> names = new HashMap<>();

    private BertFile(Path file, SafetensorsReader reader) {
        this.file = file;
        this.reader = reader;
        reader.tensors().keySet().forEach(name -> names.put(canonical(name), name));
    }

    static BertFile open(Path file) {
        return new BertFile(file, SafetensorsReader.open(file));
    }

    private static String canonical(String name) {
        var bare = name.startsWith("bert.") ? name.substring("bert.".length()) : name;
        return bare.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
    }

    /**
     * Reads a tensor, as FLOAT32 in main memory.
     *
     * @return owned by the innermost scope
     * @throws MtlException if it is missing or of another shape
     */
    Tensor read(ParameterSpec spec) {
        var name = names.get(spec.name());
        if (name == null) {
            throw new MtlException(
                    file
                            + ": no tensor '"
                            + spec.name()
                            + "'; its "
                            + names.size()
                            + " tensors are not those of a BERT with the layers that"
                            + " config.json names");
        }
        return ParameterReader.read(reader, name, spec);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + e.getMessage(), e);
        }
    }
}
