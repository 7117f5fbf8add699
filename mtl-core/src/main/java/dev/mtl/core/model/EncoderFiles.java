package dev.mtl.core.model;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/** The files of an encoder in Hugging Face's layout. */
final class EncoderFiles {
    private static final List<String> TOKENIZER_FILES =
            List.of(
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "vocab.txt",
                    "spm.model",
                    "sentencepiece.bpe.model");

    private EncoderFiles() {}

    /** Copies the tokenizer as a {@code tokenizer.json}, with the files beside it. */
    static void copyTokenizer(ModelDirectory source, Path target) throws IOException {
        Files.copy(source.tokenizerJson(), target.resolve("tokenizer.json"));
        for (var file : TOKENIZER_FILES) {
            if (Files.exists(source.path().resolve(file))) {
                Files.copy(source.path().resolve(file), target.resolve(file));
            }
        }
    }

    /** Writes {@code model.safetensors} with the names of transformers. */
    static void writeWeights(Path target, BertConfig config, Parameters weights) {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var spec : BertWeights.specs(config)) {
            tensors.put(config.modelType().hfName(spec.name()), weights.get(spec.name()));
        }
        ParameterWriter.write(target.resolve("model.safetensors"), tensors);
    }
}
