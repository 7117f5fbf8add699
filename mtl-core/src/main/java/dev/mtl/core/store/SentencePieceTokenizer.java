package dev.mtl.core.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.store.SentencePieceModel.Kind;
import dev.mtl.core.store.SentencePieceModel.Piece;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Converts a Unigram model of SentencePiece to {@code tokenizer.json}, with the ids that the
 * encoder's family gives to its pieces.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/convert_slow_tokenizer.py">convert_slow_tokenizer.py</a>
 */
final class SentencePieceTokenizer {
    private final SentencePieceModel model;
    private final List<Piece> vocabulary = new ArrayList<>();
    private final LinkedHashSet<String> special = new LinkedHashSet<>();
    private int unknown;

    private SentencePieceTokenizer(SentencePieceModel model) {
        this.model = model;
        unknown = model.unknown();
    }

    /**
     * The tokenizer of an encoder.
     *
     * @param file {@code spm.model} or {@code sentencepiece.bpe.model}
     * @param family {@code model_type} of the encoder
     * @param settings {@code tokenizer_config.json}; a missing node for none
     * @throws MtlException if the file is damaged, not supported, or not one of that family
     */
    static ObjectNode convert(Path file, String family, JsonNode settings) throws IOException {
        var tokenizer = new SentencePieceTokenizer(SentencePieceModel.read(file));
        return switch (family) {
            case "deberta-v2" -> tokenizer.deberta(file, settings);
            case "xlm-roberta" -> tokenizer.xlmRoberta(file);
            case "camembert" -> tokenizer.camembert(file);
            default ->
                    throw new MtlException(
                            ("%s: which ids a model of type '%s' gives to pieces is not known"
                                 + " (known: deberta-v2, xlm-roberta, camembert)."
                                 + " AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of"
                                 + " transformers writes a tokenizer.json")
                                    .formatted(file, family));
        };
    }

    /** Ids are those of the file; a mask comes after the last. */
    private ObjectNode deberta(Path file, JsonNode settings) {
        vocabulary.addAll(model.pieces());
        for (var token : List.of("[CLS]", "[SEP]", "[UNK]", "[PAD]")) {
            if (indexOf(token) < 0) {
                throw new MtlException(file + " is not of a DeBERTa: it has no " + token);
            }
        }
        special.addAll(List.of("[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"));
        var root = root();
        var parts = normalizers(root);
        if (settings.path("do_lower_case").asBoolean()) {
            parts.addObject().put("type", "Lowercase");
        }
        parts.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
        addCharsMap(parts);
        addSingleSpaces(parts, " ");
        var splits = root.putObject("pre_tokenizer").put("type", "Sequence");
        var splitters = splits.putArray("pretokenizers");
        if (settings.path("split_by_punct").asBoolean()) {
            splitters.addObject().put("type", "Punctuation").put("behavior", "Isolated");
        }
        metaspace(splitters.addObject());
        new TokenTemplate(root.putObject("post_processor"), this::idOf)
                .single("[CLS]", "A", "[SEP]")
                .secondType(1)
                .pair("B", "[SEP]");
        return root;
    }

    /** As fairseq numbers them: four special tokens, the pieces after the file's own, the mask. */
    private ObjectNode xlmRoberta(Path file) {
        requireFirst(file, "<unk>", "<s>", "</s>");
        for (var token : List.of("<s>", "<pad>", "</s>", "<unk>")) {
            add(token, 0);
        }
        vocabulary.addAll(model.pieces().subList(3, model.pieces().size()));
        add("<mask>", 0);
        special.addAll(List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>"));
        return roberta();
    }

    /** As fairseq numbers them: five tokens, of which two are used, the pieces, the mask. */
    private ObjectNode camembert(Path file) {
        requireFirst(file, "<unk>", "<s>", "</s>");
        for (var token : List.of("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>")) {
            add(token, 0);
        }
        add("<unk>NOTUSED", -100);
        vocabulary.addAll(model.pieces().subList(1, model.pieces().size()));
        add("<mask>", 0);
        special.addAll(
                List.of(
                        "<s>NOTUSED",
                        "<pad>",
                        "</s>NOTUSED",
                        "<unk>",
                        "<unk>NOTUSED",
                        "<s>",
                        "</s>",
                        "<mask>"));
        return roberta();
    }

    private ObjectNode roberta() {
        unknown = indexOf("<unk>");
        var root = root();
        var parts = normalizers(root);
        addCharsMap(parts);
        parts.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
        addSingleSpaces(parts, "▁");
        metaspace(root.putObject("pre_tokenizer"));
        new TokenTemplate(root.putObject("post_processor"), this::idOf)
                .single("<s>", "A", "</s>")
                .pair("</s>", "B", "</s>");
        return root;
    }

    private void requireFirst(Path file, String... texts) {
        for (int i = 0; i < texts.length; i++) {
            if (model.pieces().size() <= i || !model.pieces().get(i).text().equals(texts[i])) {
                throw new MtlException(
                        "%s: piece %d is not %s, so it is not one of this family"
                                .formatted(file, i, texts[i]));
            }
        }
    }

    private void add(String token, float score) {
        vocabulary.add(new Piece(token, score, Kind.CONTROL));
    }

    private int indexOf(String text) {
        for (int i = 0; i < vocabulary.size(); i++) {
            if (vocabulary.get(i).text().equals(text)) {
                return i;
            }
        }
        return -1;
    }

    /** Of a special token that is not in the vocabulary: the first one after it. */
    private int idOf(String token) {
        int index = indexOf(token);
        return index < 0 ? vocabulary.size() : index;
    }

    /** All but how texts are normalized, cut and surrounded. */
    private ObjectNode root() {
        var root = JsonFiles.object();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        added(root.putArray("added_tokens"));
        root.putObject("decoder")
                .put("type", "Metaspace")
                .put("replacement", "▁")
                .put("prepend_scheme", "always")
                .put("split", true);
        var unigram = root.putObject("model").put("type", "Unigram").put("unk_id", unknown);
        var entries = unigram.putArray("vocab");
        for (var piece : vocabulary) {
            // The same number in 64 bits: a shorter decimal could be another one.
            entries.addArray().add(piece.text()).add((double) piece.score());
        }
        unigram.put("byte_fallback", false);
        return root;
    }

    private void added(ArrayNode tokens) {
        for (int i = 0; i < vocabulary.size(); i++) {
            var piece = vocabulary.get(i);
            if (special.contains(piece.text()) || piece.kind() == Kind.CONTROL) {
                added(tokens, i, piece.text(), true);
            } else if (piece.kind() == Kind.USER_DEFINED) {
                added(tokens, i, piece.text(), false);
            }
        }
        for (var token : special) {
            if (indexOf(token) < 0) {
                added(tokens, idOf(token), token, true);
            }
        }
    }

    private static void added(ArrayNode tokens, int id, String token, boolean special) {
        tokens.addObject()
                .put("id", id)
                .put("content", token)
                .put("single_word", false)
                .put("lstrip", token.equals("<mask>"))
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }

    private static ArrayNode normalizers(ObjectNode root) {
        var sequence = root.putObject("normalizer").put("type", "Sequence");
        return sequence.putArray("normalizers");
    }

    private void addCharsMap(ArrayNode normalizers) {
        if (model.charsMap().length > 0) {
            var table = Base64.getEncoder().encodeToString(model.charsMap());
            normalizers.addObject().put("type", "Precompiled").put("precompiled_charsmap", table);
        }
    }

    private static void addSingleSpaces(ArrayNode normalizers, String space) {
        normalizers
                .addObject()
                .put("type", "Replace")
                .put("content", space)
                .putObject("pattern")
                .put("Regex", " {2,}");
    }

    private static void metaspace(ObjectNode splitter) {
        splitter.put("type", "Metaspace")
                .put("replacement", "▁")
                .put("prepend_scheme", "always")
                .put("split", true);
    }
}
