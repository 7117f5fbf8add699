package dev.mtl.core.tokenizer.huggingface;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The normalizers, pre-tokenizers and decoders that the native library knows, and the fields that
 * each must have.
 */
final class TokenizerParts {
    private static final int MAX_PARTS = 64;
    private static final int MAX_DEPTH = 4;
    private static final int MAX_PREPENDED = 16;
    private static final List<String> BEHAVIORS =
            List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

    /** A field of a part. */
    private record Field(String name, boolean required, Consumer<JsonValue> check) {}

    private static final Field[] BYTE_LEVEL = {
        field("add_prefix_space", JsonValue::bool),
        field("trim_offsets", JsonValue::bool),
        option("use_regex", JsonValue::bool)
    };
    private static final Field[] REPLACE = {
        field("pattern", SafePattern::check), field("content", JsonValue::string)
    };
    private static final Field[] METASPACE = {
        field("replacement", JsonValue::character),
        option("add_prefix_space", JsonValue::bool),
        option("prepend_scheme", v -> v.oneOf(List.of("first", "never", "always"))),
        option("split", JsonValue::bool),
        option("str_rep", JsonValue::string)
    };

    /** {@code normalizer}. */
    static final Kind NORMALIZER =
            new Kind(
                    "normalizers",
                    Map.ofEntries(
                            part(
                                    "BertNormalizer",
                                    field("clean_text", JsonValue::bool),
                                    field("handle_chinese_chars", JsonValue::bool),
                                    option("strip_accents", JsonValue::bool),
                                    field("lowercase", JsonValue::bool)),
                            part(
                                    "Strip",
                                    field("strip_left", JsonValue::bool),
                                    field("strip_right", JsonValue::bool)),
                            part("StripAccents"),
                            part("NFC"),
                            part("NFD"),
                            part("NFKC"),
                            part("NFKD"),
                            part("Lowercase"),
                            part("Nmt"),
                            part("ByteLevel"),
                            part("Precompiled", field("precompiled_charsmap", CharsMap::longest)),
                            part("Prepend", field("prepend", TokenizerParts::prepended)),
                            part("Replace", REPLACE)));

    /** {@code pre_tokenizer}. */
    static final Kind PRE_TOKENIZER =
            new Kind(
                    "pretokenizers",
                    Map.ofEntries(
                            part("BertPreTokenizer"),
                            part("Whitespace"),
                            part("WhitespaceSplit"),
                            part("UnicodeScripts"),
                            part("ByteLevel", BYTE_LEVEL),
                            part("CharDelimiterSplit", field("delimiter", JsonValue::character)),
                            part("Metaspace", METASPACE),
                            part("Punctuation", option("behavior", v -> v.oneOf(BEHAVIORS))),
                            part("Digits", field("individual_digits", JsonValue::bool)),
                            part("FixedLength", option("length", TokenizerParts::positive)),
                            part(
                                    "Split",
                                    field("pattern", SafePattern::check),
                                    field("behavior", v -> v.oneOf(BEHAVIORS)),
                                    field("invert", JsonValue::bool))));

    /** {@code decoder}. */
    static final Kind DECODER =
            new Kind(
                    "decoders",
                    Map.ofEntries(
                            part("BPEDecoder", field("suffix", JsonValue::string)),
                            part("ByteLevel", BYTE_LEVEL),
                            part(
                                    "WordPiece",
                                    field("prefix", JsonValue::string),
                                    field("cleanup", JsonValue::bool)),
                            part("Metaspace", METASPACE),
                            part(
                                    "CTC",
                                    field("pad_token", JsonValue::string),
                                    field("word_delimiter_token", JsonValue::string),
                                    field("cleanup", JsonValue::bool)),
                            part("Replace", REPLACE),
                            part("Fuse"),
                            part("ByteFallback"),
                            part(
                                    "Strip",
                                    field("content", JsonValue::character),
                                    field("start", JsonValue::id),
                                    field("stop", JsonValue::id))));

    private TokenizerParts() {}

    /** The parts of one kind by their type, of which several may form a sequence. */
    static final class Kind {
        private final String sequence;
        private final Map<String, List<Field>> parts;

        private Kind(String sequence, Map<String, List<Field>> parts) {
            this.sequence = sequence;
            this.parts = parts;
        }

        /** Checks a part, or a sequence of parts. */
        void check(JsonValue value) {
            check(value, MAX_DEPTH);
        }

        private void check(JsonValue value, int depth) {
            var known = new TreeSet<>(parts.keySet());
            known.add("Sequence");
            var type = value.get("type").oneOf(new ArrayList<>(known));
            if (!type.equals("Sequence")) {
                for (var field : parts.getOrDefault(type, List.of())) {
                    var member = value.get(field.name());
                    if (field.required() || member.isPresent()) {
                        field.check().accept(member);
                    }
                }
                return;
            }
            var members = value.get(sequence).elements();
            if (members.size() > MAX_PARTS || depth == 0) {
                throw value.fault(
                        "sequences have at most %d parts, %d deep".formatted(MAX_PARTS, MAX_DEPTH));
            }
            members.forEach(member -> check(member, depth - 1));
        }
    }

    private static Map.Entry<String, List<Field>> part(String type, Field... fields) {
        return Map.entry(type, List.of(fields));
    }

    private static Field field(String name, Consumer<JsonValue> check) {
        return new Field(name, true, check);
    }

    private static Field option(String name, Consumer<JsonValue> check) {
        return new Field(name, false, check);
    }

    private static void positive(JsonValue value) {
        if (value.id() == 0) {
            throw value.fault("it is 0");
        }
    }

    private static void prepended(JsonValue value) {
        if (value.string().length() > MAX_PREPENDED) {
            throw value.fault("it has more than " + MAX_PREPENDED + " characters");
        }
    }
}
