package dev.mtl.core.tokenizer.huggingface;

import java.util.List;
import java.util.Set;

/** Checks {@code model}: the vocabulary, and what it must have. */
final class ModelCheck {
    /** Longer words are unknown ones; the time for a word grows with the cube of its length. */
    private static final int MAX_WORD = 1000;

    private static final List<String> TYPES = List.of("BPE", "Unigram", "WordLevel", "WordPiece");

    private ModelCheck() {}

    static void check(JsonValue model) {
        switch (type(model)) {
            case "WordPiece" -> {
                var pieces = vocabulary(model);
                requirePiece(model.get("unk_token"), pieces);
                model.get("continuing_subword_prefix").string();
                model.get("max_input_chars_per_word").size(MAX_WORD);
            }
            case "WordLevel" -> requirePiece(model.get("unk_token"), vocabulary(model));
            case "BPE" -> bytePairs(model);
            default -> unigram(model);
        }
    }

    /** Old files have no type. */
    private static String type(JsonValue model) {
        var type = model.get("type");
        if (type.isPresent()) {
            return type.oneOf(TYPES);
        }
        if (model.get("merges").isPresent()) {
            return "BPE";
        }
        if (model.get("vocab").node().isArray()) {
            return "Unigram";
        }
        return model.get("continuing_subword_prefix").isPresent() ? "WordPiece" : "WordLevel";
    }

    private static Set<String> vocabulary(JsonValue model) {
        var pieces = model.get("vocab").idKeys();
        if (pieces.isEmpty()) {
            throw model.get("vocab").fault("it is empty");
        }
        return pieces;
    }

    private static void requirePiece(JsonValue token, Set<String> pieces) {
        if (!pieces.contains(token.string())) {
            throw token.fault("the vocabulary has no '" + token.string() + "'");
        }
    }

    private static void bytePairs(JsonValue model) {
        var pieces = vocabulary(model);
        model.get("unk_token").optional().ifPresent(token -> requirePiece(token, pieces));
        model.get("end_of_word_suffix").optional().ifPresent(JsonValue::string);
        for (var flag : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
            model.get(flag).optional().ifPresent(JsonValue::bool);
        }
        model.get("dropout")
                .optional()
                .ifPresent(
                        dropout -> {
                            if (!(dropout.number() >= 0 && dropout.number() <= 1)) {
                                throw dropout.fault("it is not from 0 to 1");
                            }
                        });
        var prefix =
                model.get("continuing_subword_prefix").optional().map(JsonValue::string).orElse("");
        for (var merge : model.get("merges").elements()) {
            merge(merge, prefix, pieces);
        }
    }

    /** The first line of old files is a comment, which the native library leaves out. */
    private static void merge(JsonValue merge, String prefix, Set<String> pieces) {
        List<String> parts;
        if (merge.node().isTextual()) {
            var text = merge.string();
            if (text.startsWith("#version")) {
                return;
            }
            parts = List.of(text.split(" ", -1));
        } else {
            parts = merge.elements().stream().map(JsonValue::string).toList();
        }
        if (parts.size() != 2 || parts.stream().anyMatch(part -> !pieces.contains(part))) {
            throw merge.fault("it is not two pieces of the vocabulary");
        }
        // The native library cuts the prefix off the second piece without looking at it.
        if (!parts.getLast().startsWith(prefix)
                || !pieces.contains(
                        parts.getFirst() + parts.getLast().substring(prefix.length()))) {
            throw merge.fault("the vocabulary has no piece of these two");
        }
    }

    private static void unigram(JsonValue model) {
        model.get("byte_fallback").optional().ifPresent(JsonValue::bool);
        var pieces = model.get("vocab");
        int count = 0;
        for (var piece : pieces.elements()) {
            var pair = piece.elements();
            if (pair.size() != 2) {
                throw piece.fault("it is not a piece and its score");
            }
            if (pair.getFirst().string().isEmpty()) {
                throw piece.fault("the piece is empty");
            }
            pair.getLast().number();
            count++;
        }
        if (count == 0) {
            throw pieces.fault("it is empty");
        }
        int most = count - 1;
        model.get("unk_id").optional().ifPresent(id -> id.size(most));
    }
}
