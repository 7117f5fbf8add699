package dev.mtl.core.tokenizer.huggingface;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.testing.TinyTokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Small tokenizers of every kind: the four models, and every part that goes with them. */
final class TokenizerFiles {
    static final JsonMapper JSON = new JsonMapper();

    private TokenizerFiles() {}

    /** One of each kind. */
    static List<ObjectNode> all(Path folder) throws IOException {
        return List.of(wordPiece(folder), byteLevel(), unigram(), wordLevel(), bytePairs());
    }

    static ObjectNode wordPiece(Path folder) throws IOException {
        return (ObjectNode) JSON.readTree(TinyTokenizer.write(folder).toFile());
    }

    static ObjectNode byteLevel() throws IOException {
        return (ObjectNode) JSON.readTree(resource("byte-level/tokenizer.json"));
    }

    /** As XLM-R's; its table of characters was made by SentencePiece from eight rules. */
    static ObjectNode unigram() throws IOException {
        return object(
                """
                {"version": "1.0",
                 "truncation": {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0},
                 "padding": {"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": 8,
                             "pad_id": 1, "pad_type_id": 0, "pad_token": "<pad>"},
                 "added_tokens": [
                   {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
                   {"id": 9, "content": "<mask>", "single_word": false, "lstrip": true, "rstrip": false, "normalized": true, "special": true}],
                 "normalizer": {"type": "Sequence", "normalizers": [
                   {"type": "Precompiled", "precompiled_charsmap": "%s"},
                   {"type": "Strip", "strip_left": false, "strip_right": true},
                   {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]},
                 "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                   {"type": "WhitespaceSplit"},
                   {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}]},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
                 "decoder": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always"},
                 "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": false, "vocab": [
                   ["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -2.5], ["a", -3.0],
                   ["▁the", -3.25], ["e", -3.5], ["VI", -4], ["<mask>", 0.0], ["th", -4.5], ["fi", -5.0]]}}
                """
                        .formatted(resource("unigram/precompiled_charsmap.txt")));
    }

    private static ObjectNode wordLevel() throws IOException {
        return object(
                """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
                 "normalizer": {"type": "Sequence", "normalizers": [
                   {"type": "Nmt"}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "NFC"},
                   {"type": "Prepend", "prepend": "_"}, {"type": "Replace", "pattern": {"String": "tt"}, "content": "t"}]},
                 "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                   {"type": "Whitespace"}, {"type": "Punctuation", "behavior": "Isolated"},
                   {"type": "Digits", "individual_digits": true}, {"type": "UnicodeScripts"},
                   {"type": "CharDelimiterSplit", "delimiter": "-"},
                   {"type": "Split", "pattern": {"Regex": "\\\\s+(?!\\\\S)|[a-c]+"}, "behavior": "MergedWithPrevious", "invert": false},
                   {"type": "Split", "pattern": {"String": "x"}, "behavior": "Contiguous", "invert": true}]},
                 "post_processor": {"type": "Sequence", "processors": [
                   {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
                   {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false}]},
                 "decoder": {"type": "Sequence", "decoders": [
                   {"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                   {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
                 "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"<s>": 0, "</s>": 1, "?": 2, "the": 3, "_the": 4, "a": 5, "1": 6}}}
                """);
    }

    private static ObjectNode bytePairs() throws IOException {
        return object(
                """
                {"version": "1.0", "added_tokens": [],
                 "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
                 "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": {"type": "BertProcessing", "sep": ["]", 1], "cls": ["[", 0]},
                 "decoder": {"type": "BPEDecoder", "suffix": "</w>"},
                 "model": {"type": "BPE", "dropout": null, "unk_token": "?", "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>",
                   "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                   "vocab": {"[": 0, "]": 1, "?": 2, "t": 3, "##h": 4, "##e</w>": 5, "th": 6, "the</w>": 7, "a</w>": 8, "<0x41>": 9},
                   "merges": [["t", "##h"], ["th", "##e</w>"]]}}
                """);
    }

    private static ObjectNode object(String json) throws IOException {
        return (ObjectNode) JSON.readTree(json);
    }

    private static String resource(String name) throws IOException {
        try (var stream =
                Objects.requireNonNull(
                        TokenizerFiles.class.getResourceAsStream(
                                "/dev/mtl/core/tokenizer/" + name))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
