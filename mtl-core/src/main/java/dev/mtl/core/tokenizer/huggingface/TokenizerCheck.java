package dev.mtl.core.tokenizer.huggingface;

import dev.mtl.core.MtlException;

import java.util.List;

/**
 * Checks the parts of a {@code tokenizer.json} that the native library takes on trust: a value of
 * another type, a template that names a token that is not there, or an unknown token that the
 * vocabulary lacks would end the process, at once or at the first text that needs it.
 */
final class TokenizerCheck {
    /** The most that normalizers together may lengthen a text by; the widest known is below 100. */
    private static final double MAX_GROWTH = 512;

    private static final int MAX_PADDING = 1 << 20;

    private final JsonValue root;

    TokenizerCheck(JsonValue root) {
        this.root = root.object();
    }

    /**
     * Checks the whole file.
     *
     * @return how many special tokens are added to a text
     * @throws MtlException if a part is not as it must be; says where and why
     */
    int specialTokens() {
        root.get("version").optional().ifPresent(v -> v.oneOf(List.of("1.0")));
        root.get("truncation").optional().ifPresent(TokenizerCheck::truncation);
        root.get("padding").optional().ifPresent(TokenizerCheck::padding);
        root.get("added_tokens").optional().ifPresent(TokenizerCheck::addedTokens);
        ModelCheck.check(root.get("model"));
        root.get("normalizer").optional().ifPresent(TokenizerCheck::normalizer);
        root.get("pre_tokenizer").optional().ifPresent(TokenizerParts.PRE_TOKENIZER::check);
        root.get("decoder").optional().ifPresent(TokenizerParts.DECODER::check);
        return root.get("post_processor").optional().map(PostProcessorCheck::check).orElse(0);
    }

    private static void normalizer(JsonValue value) {
        TokenizerParts.NORMALIZER.check(value);
        double growth = growth(value);
        if (growth > MAX_GROWTH) {
            throw value.fault("it may lengthen a text by more than a factor of " + MAX_GROWTH);
        }
    }

    /** By which factor a normalizer that has been checked may lengthen a text. */
    private static double growth(JsonValue value) {
        return switch (value.get("type").string()) {
            case "Sequence" ->
                    value.get("normalizers").elements().stream()
                            .mapToDouble(TokenizerCheck::growth)
                            .reduce(1, (a, b) -> a * b);
            case "Replace" ->
                    Math.max(
                            1,
                            (double) value.get("content").string().length()
                                    / SafePattern.shortestMatch(value.get("pattern")));
            case "Precompiled" -> Math.max(1, CharsMap.longest(value.get("precompiled_charsmap")));
            case "Prepend" -> 1 + value.get("prepend").string().length();
            default -> 1;
        };
    }

    private static void truncation(JsonValue value) {
        int length = value.get("max_length").id();
        int stride = value.get("stride").id();
        value.get("strategy").oneOf(List.of("LongestFirst", "OnlyFirst", "OnlySecond"));
        value.get("direction").optional().ifPresent(v -> v.oneOf(List.of("Left", "Right")));
        if (length > 0 && stride >= length) {
            throw value.fault("stride %d is not below max_length %d".formatted(stride, length));
        }
    }

    private static void padding(JsonValue value) {
        var strategy = value.get("strategy");
        if (strategy.node().isObject()) {
            strategy.get("Fixed").size(MAX_PADDING);
        } else {
            strategy.oneOf(List.of("BatchLongest"));
        }
        value.get("direction").oneOf(List.of("Left", "Right"));
        value.get("pad_to_multiple_of").optional().ifPresent(v -> v.size(MAX_PADDING));
        value.get("pad_id").id();
        value.get("pad_type_id").id();
        value.get("pad_token").string();
    }

    private static void addedTokens(JsonValue value) {
        for (var token : value.elements()) {
            token.get("id").id();
            token.get("content").string();
            for (var flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
                token.get(flag).bool();
            }
        }
    }
}
