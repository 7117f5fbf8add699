package dev.mtl.core.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A lower-casing WordPiece tokenizer in BERT's manner with a vocabulary of about a hundred pieces:
 * every ASCII letter and digit, some punctuation, and a few whole words.
 */
public final class TinyTokenizer {
    /** The pieces; a piece's place is its id. */
    public static final List<String> VOCABULARY = vocabulary();

    private TinyTokenizer() {}

    /** Writes {@code tokenizer.json} into a directory that exists, and gives its path. */
    public static Path write(Path directory) {
        return write(directory, Map.of());
    }

    /**
     * The same with more top-level entries, such as {@code truncation} and {@code padding}, as
     * files of the hub have them.
     */
    public static Path write(Path directory, Map<String, ?> more) {
        var json = new LinkedHashMap<String, Object>();
        json.put("version", "1.0");
        json.put("added_tokens", addedTokens());
        json.put(
                "normalizer",
                Map.of(
                        "type",
                        "BertNormalizer",
                        "clean_text",
                        true,
                        "handle_chinese_chars",
                        true,
                        "lowercase",
                        true));
        json.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        json.put("post_processor", postProcessor());
        json.put("decoder", Map.of("type", "WordPiece", "prefix", "##", "cleanup", true));
        json.put("model", model());
        json.putAll(more);
        var file = directory.resolve("tokenizer.json");
        try {
            Files.writeString(file, JsonMapper.builder().build().writeValueAsString(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    /** The id of a piece. */
    public static int id(String piece) {
        int id = VOCABULARY.indexOf(piece);
        if (id < 0) {
            throw new IllegalArgumentException("no piece " + piece);
        }
        return id;
    }

    /** The ids of pieces. */
    public static long[] ids(String... pieces) {
        return List.of(pieces).stream().mapToLong(TinyTokenizer::id).toArray();
    }

    private static List<String> vocabulary() {
        var pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add(String.valueOf(c));
            pieces.add("##" + c);
        }
        for (char c = '0'; c <= '9'; c++) {
            pieces.add(String.valueOf(c));
            pieces.add("##" + c);
        }
        pieces.addAll(List.of(".", ",", "!", "?", "'", "\"", "-", ":", "(", ")"));
        pieces.addAll(List.of("the", "play", "##ing", "queen", "book", "room", "blue", "weather"));
        pieces.addAll(List.of("in", "paris", "for", "monday", "what", "is", "\uD83D\uDE00"));
        pieces.addAll(List.of("song", "red", "green"));
        return List.copyOf(pieces);
    }

    private static List<Map<String, Object>> addedTokens() {
        var tokens = new ArrayList<Map<String, Object>>();
        for (int id = 0; id < 5; id++) {
            var token = new LinkedHashMap<String, Object>();
            token.put("id", id);
            token.put("content", VOCABULARY.get(id));
            token.put("single_word", false);
            token.put("lstrip", false);
            token.put("rstrip", false);
            token.put("normalized", false);
            token.put("special", true);
            tokens.add(token);
        }
        return tokens;
    }

    private static Map<String, Object> postProcessor() {
        return Map.of(
                "type",
                "TemplateProcessing",
                "single",
                List.of(special("[CLS]"), sequence("A", 0), special("[SEP]")),
                "pair",
                List.of(
                        special("[CLS]"),
                        sequence("A", 0),
                        special("[SEP]"),
                        sequence("B", 1),
                        Map.of("SpecialToken", Map.of("id", "[SEP]", "type_id", 1))),
                "special_tokens",
                Map.of("[CLS]", specialToken("[CLS]"), "[SEP]", specialToken("[SEP]")));
    }

    private static Map<String, Object> special(String token) {
        return Map.of("SpecialToken", Map.of("id", token, "type_id", 0));
    }

    private static Map<String, Object> sequence(String name, int typeId) {
        return Map.of("Sequence", Map.of("id", name, "type_id", typeId));
    }

    private static Map<String, Object> specialToken(String token) {
        int id = VOCABULARY.indexOf(token);
        return Map.of("id", token, "ids", List.of(id), "tokens", List.of(token));
    }

    private static Map<String, Object> model() {
        var vocabulary = new LinkedHashMap<String, Integer>();
        for (var piece : VOCABULARY) {
            vocabulary.put(piece, vocabulary.size());
        }
        return Map.of(
                "type",
                "WordPiece",
                "unk_token",
                "[UNK]",
                "continuing_subword_prefix",
                "##",
                "max_input_chars_per_word",
                100,
                "vocab",
                vocabulary);
    }
}
