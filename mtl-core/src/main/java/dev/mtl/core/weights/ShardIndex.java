package dev.mtl.core.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A {@code model.safetensors.index.json}: {@code {"metadata": {...}, "weight_map": {TENSOR: FILE,
 * ...}}}.
 *
 * @see <a href="https://huggingface.co/docs/transformers/big_models">Sharded checkpoints</a>
 */
final class ShardIndex {
    /** The limit of a safetensors header. */
    private static final int MAX_BYTES = SafetensorsHeader.MAX_BYTES;

    /** A plain file name, so that no index can point outside of its folder. */
    private static final Pattern FILE = Pattern.compile("[\\w][\\w.-]*\\.safetensors");

    private ShardIndex() {}

    /**
     * Reads which file has which tensor.
     *
     * @return file names by tensor, in the index's order
     * @throws WeightFileException if the file is missing or is not such an index, or names a file
     *     that is not a {@code .safetensors} in the same folder
     */
    static Map<String, String> read(Path index) {
        var files = new LinkedHashMap<String, String>();
        for (var entry : weightMap(index).properties()) {
            var file = entry.getValue();
            if (!file.isTextual() || !FILE.matcher(file.asText()).matches()) {
                throw new WeightFileException(
                        index,
                        "tensor '%s' is in %s, which is not a .safetensors file in the same folder"
                                .formatted(entry.getKey(), file));
            }
            files.put(entry.getKey(), file.asText());
        }
        return files;
    }

    private static JsonNode weightMap(Path index) {
        try {
            if (Files.size(index) > MAX_BYTES) {
                throw new WeightFileException(index, "is larger than " + MAX_BYTES + " bytes");
            }
            var json =
                    JsonMapper.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .build()
                            .readTree(Files.readAllBytes(index));
            var map = json.path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw new WeightFileException(index, "has no weight_map from tensors to files");
            }
            return map;
        } catch (NoSuchFileException e) {
            throw new WeightFileException(index, "no such file", e);
        } catch (JsonProcessingException e) {
            throw new WeightFileException(index, "is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new WeightFileException(index, "cannot be read: " + Reasons.of(e), e);
        }
    }
}
