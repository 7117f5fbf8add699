package dev.mtl.core.pooling.modules;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.pooling.modules.Dense.Activation;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The folder of a {@link Dense}: {@code config.json} and {@code model.safetensors}. */
final class DenseModule {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String INPUT = "sentence_embedding";

    private DenseModule() {}

    /**
     * Reads the settings.
     *
     * @throws MtlException if they are not those of a layer that MTL computes
     */
    static Dense read(Path folder) {
        var file = folder.resolve(CONFIG);
        var json = JsonFiles.readObject(file);
        for (var key : new String[] {"module_input_name", "module_output_name"}) {
            var name = json.path(key).asText(INPUT);
            if (json.hasNonNull(key) && !name.equals(INPUT)) {
                throw new MtlException(
                        "%s: %s '%s': a Dense is applied to the '%s' only"
                                .formatted(file, key, name, INPUT));
            }
        }
        int in = json.path("in_features").asInt();
        int out = json.path("out_features").asInt();
        if (in < 1 || out < 1) {
            throw new MtlException(file + ": in_features and out_features must be at least 1");
        }
        return new Dense(
                in,
                out,
                json.path("bias").asBoolean(true),
                activation(json.path("activation_function").asText(""), file),
                json.path("use_residual").asBoolean(false));
    }

    /** {@code Dense} itself has tanh where the file names none. */
    private static Activation activation(String name, Path file) {
        if (name.isEmpty()) {
            return Activation.TANH;
        }
        return Arrays.stream(Activation.values())
                .filter(activation -> activation.torchName().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MtlException(
                                        "%s: activation_function '%s' is not known; known: %s"
                                                .formatted(
                                                        file,
                                                        name,
                                                        String.join(
                                                                ", ",
                                                                Arrays.stream(Activation.values())
                                                                        .map(Activation::torchName)
                                                                        .toList()))));
    }

    /**
     * Reads the weights.
     *
     * @param prefix of the names that the tensors get
     * @param owner takes the tensors
     */
    static void readWeights(
            Path folder,
            Dense layer,
            String prefix,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        var file = folder.resolve(WEIGHTS);
        if (!Files.exists(file) && Files.exists(folder.resolve("pytorch_model.bin"))) {
            throw new MtlException(
                    file
                            + ": no such file, and pytorch_model.bin is not read because that can"
                            + " run code of whoever wrote it; convert the model in Python with"
                            + " SentenceTransformer(DIR).save(NEW_DIR)");
        }
        try (var reader = SafetensorsReader.open(file);
                var _ = TensorScope.open()) {
            for (var spec : layer.specs()) {
                tensors.put(
                        prefix + "." + spec.name(),
                        owner.take(ParameterReader.read(reader, spec.name(), spec).to(device)));
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
    }

    /**
     * Writes a folder.
     *
     * @param weights by the names of {@link Dense#specs}
     */
    static void write(Path folder, Dense layer, Parameters weights) throws IOException {
        Files.createDirectories(folder);
        var json = new LinkedHashMap<String, Object>();
        json.put("in_features", layer.inFeatures());
        json.put("out_features", layer.outFeatures());
        json.put("bias", layer.bias());
        json.put("activation_function", layer.activation().torchName());
        if (layer.residual()) {
            json.put("use_residual", true);
        }
        JsonFiles.write(folder.resolve(CONFIG), json);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var spec : layer.specs()) {
            tensors.put(spec.name(), weights.get(spec.name()));
        }
        ParameterWriter.write(folder.resolve(WEIGHTS), tensors);
    }
}
