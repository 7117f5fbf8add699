package dev.mtl.core.adapter;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The files of PEFT: a directory with {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, as {@code PeftModel.save_pretrained} writes them and {@code
 * PeftModel.from_pretrained} reads them.
 */
public final class AdapterFiles {
    /** The description of an adapter. */
    public static final String CONFIG = "adapter_config.json";

    /** The folder in a model's directory with the adapter that its weights are used with. */
    public static final String FOLDER = "adapter";

    static final String WEIGHTS = "adapter_model.safetensors";
    private static final String WRAPPED = "base_model.model.";

    private AdapterFiles() {}

    /**
     * An adapter that was read.
     *
     * @param layers that have matrices in the file
     * @param weights by the names of the layers, with {@code .lora_A.weight} and {@code
     *     .lora_B.weight}; FLOAT32 in main memory, owned by the innermost scope
     */
    public record Stored(Lora lora, List<AdaptedLayer> layers, Map<String, Tensor> weights) {
        /**
         * A weight of the encoder with the adapter added.
         *
         * @param name of the weight
         * @param own {@code [out, in]}, FLOAT32 in main memory; for other weights as it is
         */
        public Tensor mergedInto(String name, Tensor own) {
            var layer = name.endsWith(".weight") ? name.substring(0, name.length() - 7) : name;
            var a = weights.get(layer + Adapters.A);
            var b = weights.get(layer + Adapters.B);
            return a == null || b == null ? own : own.add(Adapters.product(lora, a, b));
        }
    }

    /**
     * Writes an adapter of a model.
     *
     * @param directory is created
     * @param parameters of the model
     * @param base what its encoder was made from, for the reader
     */
    public static void write(
            Path directory, Adapters adapters, String adapter, Parameters parameters, String base)
            throws IOException {
        Files.createDirectories(directory);
        var lora = adapters.lora();
        var json = new LinkedHashMap<String, Object>();
        json.put("peft_type", "LORA");
        json.put("task_type", "FEATURE_EXTRACTION");
        json.put("base_model_name_or_path", base);
        json.put("r", lora.rank());
        json.put("lora_alpha", alpha(lora));
        json.put("lora_dropout", lora.dropout());
        json.put("target_modules", adapters.layers().stream().map(AdaptedLayer::hfName).toList());
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        JsonFiles.write(directory.resolve(CONFIG), json);
        var tensors = new LinkedHashMap<String, Tensor>();
        var own = parameters.in(Adapters.prefix(adapter));
        for (var layer : adapters.layers()) {
            for (var matrix : List.of(Adapters.A, Adapters.B)) {
                tensors.put(WRAPPED + layer.hfName() + matrix, own.get(layer.name() + matrix));
            }
        }
        ParameterWriter.write(directory.resolve(WEIGHTS), tensors);
    }

    /** PEFT's alpha is an integer, unless it is not one. */
    private static Number alpha(Lora lora) {
        return lora.alpha() == Math.rint(lora.alpha())
                ? (Number) (long) lora.alpha()
                : lora.alpha();
    }

    /**
     * Reads an adapter.
     *
     * @param weights of the encoder that it is for
     * @param hfName the name in files of a weight's name
     * @param prefix of the encoder in models with a head, such as {@code bert}
     * @throws MtlException if it is no LoRA adapter of this encoder, or has parts that this library
     *     does not compute; names them
     */
    public static Stored read(
            Path directory,
            List<ParameterSpec> weights,
            UnaryOperator<String> hfName,
            String prefix) {
        var lora = new AdapterJson(directory.resolve(CONFIG)).lora();
        var file = directory.resolve(WEIGHTS);
        if (!Files.exists(file)) {
            throw new MtlException(
                    file + " is missing; save the adapter with safetensors, PEFT's default");
        }
        var layers = new ArrayList<AdaptedLayer>();
        var read = new LinkedHashMap<String, Tensor>();
        try (var source = SafetensorsReader.open(file)) {
            var inFile = new ArrayList<>(source.tensors().keySet());
            for (var layer : AdaptedLayer.linear(weights, hfName)) {
                var name = nameInFile(source, layer, prefix);
                if (source.tensors().containsKey(name + Adapters.A)) {
                    layers.add(layer);
                    read.put(
                            layer.name() + Adapters.A,
                            ParameterReader.read(
                                    source, name + Adapters.A, shape(lora.rank(), layer.inputs())));
                    read.put(
                            layer.name() + Adapters.B,
                            ParameterReader.read(
                                    source,
                                    name + Adapters.B,
                                    shape(layer.outputs(), lora.rank())));
                    inFile.removeAll(List.of(name + Adapters.A, name + Adapters.B));
                }
            }
            if (!inFile.isEmpty()) {
                throw new MtlException(
                        file
                                + ": '"
                                + inFile.getFirst()
                                + "' is not an adapter of a linear layer of this encoder");
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
        return new Stored(lora, layers, read);
    }

    private static long[] shape(long rows, long columns) {
        return new long[] {rows, columns};
    }

    /** The name of a layer in models of the encoder alone, or with a head. */
    private static String nameInFile(TensorSource source, AdaptedLayer layer, String prefix) {
        var withHead = WRAPPED + prefix + "." + layer.hfName();
        return source.tensors().containsKey(withHead + Adapters.A)
                ? withHead
                : WRAPPED + layer.hfName();
    }
}
