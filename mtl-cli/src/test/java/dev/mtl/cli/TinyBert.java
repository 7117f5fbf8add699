package dev.mtl.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A BERT of 32 dimensions and 2 layers with random weights, as a Hugging Face directory. */
final class TinyBert {
    static final int DIMENSION = 32;

    private TinyBert() {}

    /** Writes the model; the same one each time. */
    static Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        var vocabulary = vocabulary();
        Files.writeString(
                directory.resolve("config.json"),
                """
                {"model_type": "bert", "vocab_size": %d, "hidden_size": %d,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
                 "max_position_embeddings": 64, "type_vocab_size": 2}
                """
                        .formatted(vocabulary.size(), DIMENSION));
        Files.writeString(directory.resolve("tokenizer.json"), tokenizer(vocabulary));
        weights(directory);
        return directory;
    }

    private static void weights(Path directory) {
        var config = BertConfig.read(directory.resolve("config.json"));
        try (var scope = TensorScope.open();
                var _ = RandomStream.open(7)) {
            var weights = BertWeights.random(config, scope);
            SafetensorsWriter.write(
                    directory.resolve("model.safetensors"),
                    weights.names().stream()
                            .map(
                                    name ->
                                            new TensorInfo(
                                                    name,
                                                    weights.get(name).dtype(),
                                                    weights.get(name).shape()))
                            .toList(),
                    SafetensorsWriter.PYTORCH,
                    info -> {
                        var bytes =
                                ByteBuffer.allocate(Math.toIntExact(info.bytes()))
                                        .order(ByteOrder.LITTLE_ENDIAN);
                        weights.get(info.name()).copyTo(bytes);
                        return bytes.flip();
                    });
        }
    }

    /** Special tokens, the words that the tests train on, and letters for every other word. */
    private static List<String> vocabulary() {
        var pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        pieces.addAll(List.of("book", "play", "the", "room", "song", "blue", "red", "green"));
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add(String.valueOf(c));
            pieces.add("##" + c);
        }
        return pieces;
    }

    private static String tokenizer(List<String> vocabulary) throws IOException {
        Map<String, Integer> ids = new LinkedHashMap<>();
        vocabulary.forEach(piece -> ids.put(piece, ids.size()));
        return """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [
          {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
          {"id": 1, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
          {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
          {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
          "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
          "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": %s}}
        """
                .formatted(JsonMapper.builder().build().writeValueAsString(ids));
    }
}
