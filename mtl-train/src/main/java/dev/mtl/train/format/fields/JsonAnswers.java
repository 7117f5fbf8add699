package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.Target.Answers.Answer;
import dev.mtl.train.tags.Abbreviated;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads answers as SQuAD has them, {@code [{"text": "...", "answer_start": 17}]}, or as its data
 * set on the Hugging Face hub, {@code {"text": ["..."], "answer_start": [17]}}. A start counts
 * UTF-16 units or, as Python does, characters: that one is right at which the answer stands.
 */
final class JsonAnswers {
    private static final String TEXT = "text";
    private static final String START = "answer_start";

    private JsonAnswers() {}

    /** Whether a field, or an item of it, looks like answers. */
    static boolean isAnswer(JsonNode node) {
        return node.has(TEXT) && node.has(START);
    }

    /**
     * The answers of a field.
     *
     * @param context the text that they are in
     * @throws IllegalArgumentException if it has something else, or an answer does not stand where
     *     it says
     */
    static List<Answer> of(JsonNode field, String context) {
        var answers = new ArrayList<Answer>();
        if (field.isArray()) {
            field.forEach(item -> answers.add(answer(item.path(TEXT), item.path(START), context)));
            return answers;
        }
        var texts = field.path(TEXT);
        var starts = field.path(START);
        if (!texts.isArray() || !starts.isArray() || texts.size() != starts.size()) {
            throw wrong(field);
        }
        for (int i = 0; i < texts.size(); i++) {
            answers.add(answer(texts.path(i), starts.path(i), context));
        }
        return answers;
    }

    private static Answer answer(JsonNode text, JsonNode start, String context) {
        if (!text.isTextual() || !start.isIntegralNumber() || !start.canConvertToInt()) {
            throw wrong(text);
        }
        return placed(text.textValue(), start.intValue(), context);
    }

    private static Answer placed(String text, int start, String context) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("has an empty answer; no answer is an empty list");
        }
        if (context.startsWith(text, start)) {
            return new Answer(text, start);
        }
        if (start >= 0 && start <= context.codePointCount(0, context.length())) {
            int units = context.offsetByCodePoints(0, start);
            if (context.startsWith(text, units)) {
                return new Answer(text, units);
            }
        }
        int found = context.indexOf(text);
        throw new IllegalArgumentException(
                "has the answer '"
                        + Abbreviated.of(text)
                        + "', which the text does not have at "
                        + start
                        + (found < 0 ? ", nor elsewhere" : ", but at " + found));
    }

    private static IllegalArgumentException wrong(JsonNode node) {
        return new IllegalArgumentException(
                "takes answers [{\"text\": \"...\", \"answer_start\": 17}] or {\"text\": [\"...\"],"
                        + " \"answer_start\": [17]}, not "
                        + Abbreviated.of(node.toString()));
    }
}
