package dev.mtl.core.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Converts a BERT's {@code vocab.txt} to {@code tokenizer.json}, and back. */
final class WordPieceTokenizer {
    private static final List<String> SPECIAL =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private WordPieceTokenizer() {}

    /**
     * The tokenizer of Google's BERT for a vocabulary of one piece per line.
     *
     * @throws MtlException if the vocabulary lacks a special token or has a piece twice
     */
    static ObjectNode fromVocabulary(Path vocabulary, boolean lowercase) throws IOException {
        var ids = new LinkedHashMap<String, Integer>();
        for (var piece : Files.readAllLines(vocabulary)) {
            if (ids.put(piece, ids.size()) != null) {
                throw new MtlException(vocabulary + ": '" + piece + "' is on two lines");
            }
        }
        for (var token : SPECIAL) {
            if (!ids.containsKey(token)) {
                throw new MtlException(vocabulary + ": not a BERT vocabulary: it has no " + token);
            }
        }
        var root = JsonFiles.object();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        var added = root.putArray("added_tokens");
        SPECIAL.stream()
                .sorted(Comparator.comparing(ids::get))
                .forEach(token -> added(added, token, ids));
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .putNull("strip_accents")
                .put("lowercase", lowercase);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        new TokenTemplate(
                        root.putObject("post_processor"),
                        token -> Objects.requireNonNull(ids.get(token)))
                .single("[CLS]", "A", "[SEP]")
                .secondType(1)
                .pair("B", "[SEP]");
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100)
                .set("vocab", JsonFiles.tree(ids));
        return root;
    }

    private static void added(ArrayNode tokens, String token, Map<String, Integer> ids) {
        tokens.addObject()
                .put("id", ids.get(token))
                .put("content", token)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    /**
     * Reads a tokenizer, without the truncation and padding to a fixed length that some exporters
     * leave in the file: both are up to the caller.
     */
    static ObjectNode withoutFixedLength(Path tokenizerJson) throws IOException {
        if (!(JsonFiles.read(tokenizerJson) instanceof ObjectNode root)) {
            throw new MtlException(tokenizerJson + " is not a tokenizer");
        }
        return root.putNull("truncation").putNull("padding");
    }

    /** The pieces in the order of their ids, for {@code vocab.txt}. */
    static List<String> vocabulary(ObjectNode tokenizer, String name) {
        var vocabulary = tokenizer.path("model").path("vocab");
        var pieces = new ArrayList<>(Collections.nCopies(vocabulary.size(), ""));
        for (var entry : vocabulary.properties()) {
            var id = entry.getValue().asInt(-1);
            if (id < 0 || id >= pieces.size()) {
                throw new MtlException(
                        "%s: '%s' has the id %s, but there are only %d pieces"
                                .formatted(name, entry.getKey(), entry.getValue(), pieces.size()));
            }
            pieces.set(id, entry.getKey());
        }
        return pieces;
    }

    static boolean lowercase(ObjectNode tokenizer) {
        return tokenizer.path("normalizer").path("lowercase").asBoolean(true);
    }
}
