package dev.mtl.core.store;

import com.fasterxml.jackson.databind.node.ArrayNode;

import dev.mtl.core.internal.JsonFiles;
import dev.mtl.core.pooling.Pooling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How sentence-transformers makes one vector of a sentence: what stands in {@code modules.json} and
 * the files that it points to.
 *
 * @param normalized whether the vector is divided by its Euclidean length
 * @param maxTokens longer texts are cut, [CLS] and [SEP] included
 */
record SentencePipeline(Pooling pooling, boolean normalized, int maxTokens) {

    void write(Path directory, int hiddenSize) throws IOException {
        var modules = JsonFiles.array();
        module(modules, "", "Transformer");
        module(modules, "1_Pooling", "Pooling");
        if (normalized) {
            module(modules, "2_Normalize", "Normalize");
        }
        JsonFiles.write(directory.resolve("modules.json"), modules);

        var transformer = JsonFiles.object();
        transformer.put("max_seq_length", maxTokens).put("do_lower_case", false);
        JsonFiles.write(directory.resolve("sentence_bert_config.json"), transformer);

        var config = JsonFiles.object();
        config.put("word_embedding_dimension", hiddenSize)
                .put("pooling_mode_cls_token", pooling == Pooling.CLS)
                .put("pooling_mode_mean_tokens", pooling == Pooling.MEAN)
                .put("pooling_mode_max_tokens", false)
                .put("pooling_mode_mean_sqrt_len_tokens", false);
        var folder = Files.createDirectories(directory.resolve("1_Pooling"));
        JsonFiles.write(folder.resolve("config.json"), config);
    }

    private static void module(ArrayNode modules, String path, String type) {
        var index = modules.size();
        modules.addObject()
                .put("idx", index)
                .put("name", String.valueOf(index))
                .put("path", path)
                .put("type", "sentence_transformers.models." + type);
    }
}
