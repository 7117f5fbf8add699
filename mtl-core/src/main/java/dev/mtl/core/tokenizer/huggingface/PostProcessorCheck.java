package dev.mtl.core.tokenizer.huggingface;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks {@code post_processor}, which puts special tokens around texts. */
final class PostProcessorCheck {
    private static final int MAX_PIECES = 64;
    private static final int MAX_PARTS = 16;
    private static final int MAX_DEPTH = 4;
    private static final List<String> TYPES =
            List.of(
                    "BertProcessing",
                    "ByteLevel",
                    "RobertaProcessing",
                    "Sequence",
                    "TemplateProcessing");

    private PostProcessorCheck() {}

    /** Checks a post-processor; gives how many special tokens it adds to one text. */
    static int check(JsonValue value) {
        return check(value, MAX_DEPTH);
    }

    private static int check(JsonValue value, int depth) {
        return switch (value.get("type").oneOf(TYPES)) {
            case "Sequence" -> {
                var parts = value.get("processors").elements();
                if (parts.size() > MAX_PARTS || depth == 0) {
                    throw value.fault(
                            "sequences have at most %d parts, %d deep"
                                    .formatted(MAX_PARTS, MAX_DEPTH));
                }
                yield parts.stream().mapToInt(part -> check(part, depth - 1)).sum();
            }
            case "ByteLevel" -> {
                flags(value, "add_prefix_space", "trim_offsets");
                value.get("use_regex").optional().ifPresent(JsonValue::bool);
                yield 0;
            }
            case "RobertaProcessing" -> {
                flags(value, "trim_offsets", "add_prefix_space");
                yield separators(value);
            }
            case "BertProcessing" -> separators(value);
            default -> template(value);
        };
    }

    private static void flags(JsonValue value, String... names) {
        for (var name : names) {
            value.get(name).bool();
        }
    }

    private static int separators(JsonValue value) {
        for (var name : List.of("sep", "cls")) {
            var token = value.get(name).elements();
            if (token.size() != 2) {
                throw value.get(name).fault("it is not a token and its id");
            }
            token.getFirst().string();
            token.getLast().id();
        }
        return 2;
    }

    private static int template(JsonValue value) {
        var tokens = new HashMap<String, Integer>();
        for (var token : value.get("special_tokens").members()) {
            token.get("id").string();
            var ids = token.get("ids").elements();
            var texts = token.get("tokens").elements();
            ids.forEach(JsonValue::id);
            texts.forEach(JsonValue::string);
            if (ids.size() != texts.size() || ids.size() > MAX_PIECES) {
                throw token.fault(
                        "ids and tokens are not equally many, or more than " + MAX_PIECES);
            }
            tokens.put(token.name(), ids.size());
        }
        pieces(value.get("pair"), tokens, List.of("A", "B"));
        return pieces(value.get("single"), tokens, List.of("A"));
    }

    private static int pieces(
            JsonValue template, Map<String, Integer> tokens, List<String> sequences) {
        var pieces = template.elements();
        if (pieces.size() > MAX_PIECES) {
            throw template.fault("it has more than " + MAX_PIECES + " pieces");
        }
        int added = 0;
        for (var piece : pieces) {
            if (piece.object().node().size() != 1) {
                throw piece.fault("it is not one Sequence or one SpecialToken");
            }
            var sequence = piece.get("Sequence");
            var part = sequence.isPresent() ? sequence : piece.get("SpecialToken");
            part.get("type_id").id();
            if (sequence.isPresent()) {
                part.get("id").oneOf(sequences);
                continue;
            }
            var size = tokens.get(part.get("id").string());
            if (size == null) {
                throw part.get("id").fault("special_tokens has no such token");
            }
            added += size;
        }
        return added;
    }
}
