package dev.mtl.core.store;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.weights.TensorInfo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

/** Derives a BERT's {@code config.json} and {@code tokenizer_config.json} from its tensors. */
record BertFiles(Map<String, TensorInfo> tensors) {

    int hiddenSize() {
        return size("embeddings.word_embeddings.weight", 1);
    }

    int vocabularySize() {
        return size("embeddings.word_embeddings.weight", 0);
    }

    int maxPositions() {
        return size("embeddings.position_embeddings.weight", 0);
    }

    private int layers() {
        return (int)
                IntStream.iterate(0, i -> i + 1)
                        .takeWhile(
                                i ->
                                        tensors.containsKey(
                                                "encoder.layer." + i + ".output.dense.bias"))
                        .count();
    }

    /** Writes {@code config.json} for {@code BertModel} of transformers. */
    void writeConfig(Path file, int heads) throws IOException {
        var config = JsonFiles.object();
        config.putArray("architectures").add("BertModel");
        config.put("attention_probs_dropout_prob", 0.1)
                .put("hidden_act", "gelu")
                .put("hidden_dropout_prob", 0.1)
                .put("hidden_size", hiddenSize())
                .put("initializer_range", 0.02)
                .put("intermediate_size", size("encoder.layer.0.intermediate.dense.weight", 0))
                .put("layer_norm_eps", 1e-12)
                .put("max_position_embeddings", maxPositions())
                .put("model_type", "bert")
                .put("num_attention_heads", heads)
                .put("num_hidden_layers", layers())
                .put("pad_token_id", 0)
                .put("position_embedding_type", "absolute")
                .put("type_vocab_size", size("embeddings.token_type_embeddings.weight", 0))
                .put("vocab_size", vocabularySize());
        JsonFiles.write(file, config);
    }

    /** Writes {@code tokenizer_config.json} for {@code BertTokenizer} of transformers. */
    void writeTokenizerConfig(Path file, boolean lowercase) throws IOException {
        var config = JsonFiles.object();
        config.put("cls_token", "[CLS]")
                .put("do_lower_case", lowercase)
                .put("mask_token", "[MASK]")
                .put("model_max_length", maxPositions())
                .put("pad_token", "[PAD]")
                .put("sep_token", "[SEP]")
                .putNull("strip_accents")
                .put("tokenize_chinese_chars", true)
                .put("tokenizer_class", "BertTokenizer")
                .put("unk_token", "[UNK]");
        JsonFiles.write(file, config);
    }

    /**
     * The number of attention heads if nothing specifies it: 64 dimensions per head, as in Google's
     * BERTs, but 12 heads for hidden size 384, as in MiniLM, BGE, E5 and GTE.
     */
    int usualHeads() {
        return hiddenSize() == 384 ? 12 : Math.max(1, hiddenSize() / 64);
    }

    private int size(String name, int dimension) {
        var info = tensors.get(name);
        if (info == null || info.rank() <= dimension) {
            throw new MtlException("the model has no '" + name + "': it is not a BERT");
        }
        return Math.toIntExact(info.size(dimension));
    }
}
