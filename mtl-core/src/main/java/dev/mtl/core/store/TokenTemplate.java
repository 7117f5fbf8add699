package dev.mtl.core.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * A {@code TemplateProcessing} of {@code tokenizer.json}: which special tokens are around a text,
 * and around two.
 */
final class TokenTemplate {
    private static final Set<String> TEXTS = Set.of("A", "B");

    private final ObjectNode node;
    private final ToIntFunction<String> ids;
    private List<String> first = List.of();
    private int secondType;

    /**
     * A template.
     *
     * @param node an empty object
     * @param ids of special tokens
     */
    TokenTemplate(ObjectNode node, ToIntFunction<String> ids) {
        this.node = node.put("type", "TemplateProcessing");
        this.ids = ids;
    }

    /** What is made of one text, which is {@code A}. */
    TokenTemplate single(String... parts) {
        first = List.of(parts);
        add(node.putArray("single"), first, 0);
        return this;
    }

    /** The token type of what follows the first text; 0 if this is not called. */
    TokenTemplate secondType(int type) {
        secondType = type;
        return this;
    }

    /** What follows in a pair, whose second text is {@code B}. */
    void pair(String... parts) {
        var pair = node.putArray("pair");
        add(pair, first, 0);
        add(pair, List.of(parts), secondType);
        var all = new LinkedHashSet<>(first);
        all.addAll(List.of(parts));
        all.removeAll(TEXTS);
        var tokens = node.putObject("special_tokens");
        for (var token : all) {
            var entry = tokens.putObject(token).put("id", token);
            entry.putArray("ids").add(ids.applyAsInt(token));
            entry.putArray("tokens").add(token);
        }
    }

    private static void add(ArrayNode template, List<String> parts, int type) {
        for (var part : parts) {
            template.addObject()
                    .putObject(TEXTS.contains(part) ? "Sequence" : "SpecialToken")
                    .put("id", part)
                    .put("type_id", type);
        }
    }
}
