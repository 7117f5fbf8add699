package dev.mtl.core.testing;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Objects;

/**
 * A random BERT of two layers and hidden size 32 with {@link TinyTokenizer}'s vocabulary, in
 * Hugging Face's layout.
 */
public final class TinyModel {
    /** Its hidden size. */
    public static final int HIDDEN = 32;

    private TinyModel() {}

    /** Writes the model into a directory; the same seed gives the same weights. */
    public static ModelDirectory write(Path directory, long seed, double dropout) {
        return write(directory, seed, config(dropout));
    }

    /** Writes a model of another family. */
    public static ModelDirectory write(Path directory, long seed, String config) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("config.json"), config);
            var tokenizer = TinyTokenizer.write(directory);
            writeWeights(directory, seed);
            return new ModelDirectory(directory.toString(), directory, tokenizer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String config(double dropout) {
        return """
        {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": %d, "hidden_size": %d,
         "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
         "max_position_embeddings": 64, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
         "hidden_dropout_prob": %s, "attention_probs_dropout_prob": %s}
        """
                .formatted(TinyTokenizer.VOCABULARY.size(), HIDDEN, dropout, dropout);
    }

    private static void writeWeights(Path directory, long seed) {
        try (var owner = TensorScope.shared();
                var _ = RandomStream.open(seed)) {
            var config = BertConfig.read(directory.resolve("config.json"));
            var random = BertWeights.random(config, owner);
            var weights = new LinkedHashMap<String, Tensor>();
            random.names()
                    .forEach(
                            name -> weights.put(config.modelType().hfName(name), random.get(name)));
            var infos = new ArrayList<TensorInfo>();
            weights.forEach(
                    (name, tensor) ->
                            infos.add(new TensorInfo(name, tensor.dtype(), tensor.shape())));
            SafetensorsWriter.write(
                    directory.resolve("model.safetensors"),
                    infos,
                    SafetensorsWriter.PYTORCH,
                    info -> {
                        var bytes =
                                ByteBuffer.allocate(Math.toIntExact(info.bytes()))
                                        .order(ByteOrder.LITTLE_ENDIAN);
                        Objects.requireNonNull(weights.get(info.name())).copyTo(bytes);
                        return bytes.flip();
                    });
        }
    }
}
